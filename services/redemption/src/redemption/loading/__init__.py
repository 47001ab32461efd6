"""What decisions go by: read from the store behind the locks, or remembered."""
