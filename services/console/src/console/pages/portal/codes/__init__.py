"""The codes that are shared with the partner and redeem now, or will."""
