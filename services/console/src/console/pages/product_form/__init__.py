"""A product made and edited."""
