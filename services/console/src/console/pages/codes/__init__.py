"""The codes of a project, of a campaign or standing alone."""
