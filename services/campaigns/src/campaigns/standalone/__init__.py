"""Standalone codes: each with a campaign of its own, which nobody sees."""
