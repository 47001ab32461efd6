"""Who buys and what was bought, as a batch knows it; who is in which segment. Pure."""
