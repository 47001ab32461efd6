"""Categories: what campaigns are grouped by."""
