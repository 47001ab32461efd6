"""Products and their SKUs, as far as discounts and rules name them."""
