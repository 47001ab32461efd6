"""A project: its name and the zone of its days."""
