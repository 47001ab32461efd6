"""Jobs: what is done to many at once, and how far it is."""
