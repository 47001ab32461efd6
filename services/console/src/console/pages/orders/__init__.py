"""The orders of a project, as its shop sent them."""
