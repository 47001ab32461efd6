"""The links to publish, to copy and to print."""
