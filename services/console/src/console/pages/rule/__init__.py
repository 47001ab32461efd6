"""One validation rule, and the campaigns that keep it."""
