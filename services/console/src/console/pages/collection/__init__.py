"""One collection of products, and its end."""
