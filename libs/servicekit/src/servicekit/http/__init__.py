"""HTTP: the edge that every request passes, error objects, API keys."""
