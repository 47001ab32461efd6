"""Keys: which programs may do what. A key is shown once."""
