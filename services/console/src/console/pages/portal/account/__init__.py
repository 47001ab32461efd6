"""The key to the partner's feed, and the way to the person's own account."""
