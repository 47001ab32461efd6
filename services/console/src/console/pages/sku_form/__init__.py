"""A SKU of a product made, edited and ended."""
