"""What owners set for a project: itself, its keys, its users; and who changed what."""
