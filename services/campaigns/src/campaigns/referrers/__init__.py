"""What refers to a thing, and so keeps it from being deleted."""
