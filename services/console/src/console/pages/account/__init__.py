"""What a person may set for themselves."""
