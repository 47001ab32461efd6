"""Segments: groups of customers, by a list or by a filter that redemption judges."""
