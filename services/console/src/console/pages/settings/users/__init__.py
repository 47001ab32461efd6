"""Users: which people may do what, and who is invited."""
