"""Feeds: what is shared with a partner, as its machines fetch it, and the keys by which they do."""
