"""The key to a partner's feed: shown once, replaced, taken away."""
