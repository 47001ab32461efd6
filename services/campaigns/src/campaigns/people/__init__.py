"""People: users, and what each is in which project."""
