"""One segment: who is in it."""
