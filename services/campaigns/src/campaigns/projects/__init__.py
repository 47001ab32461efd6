"""Projects and their API keys: the operator's side, above all projects."""
