"""One code: how it stands and why, what became of it, who changed it."""
