"""The list of collections of products."""
