"""The search of every page's frame: an exact code opens at once."""
