"""A collection of products made and edited."""
