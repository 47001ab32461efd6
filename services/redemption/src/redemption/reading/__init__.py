"""What checkouts send, read into requests. Pure."""
