"""Measures the platform beside a baseline in the same run: ratios travel, digits do not."""
