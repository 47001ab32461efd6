"""The campaigns of a project, found, judged and managed."""
