"""Keys: what programs call with."""
