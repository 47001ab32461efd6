"""Collections of products and SKUs: named once, where many would have to be."""
