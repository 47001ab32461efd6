"""Previews: what a campaign would be, while it is being written; nothing is changed."""
