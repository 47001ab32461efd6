"""Who was given which code."""
