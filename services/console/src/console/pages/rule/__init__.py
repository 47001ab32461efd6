"""One validation rule, and the campaigns and codes that keep it."""
