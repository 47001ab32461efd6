"""One product with its SKUs, and its end."""
