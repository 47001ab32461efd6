"""Try codes: what would become of them at the checkout, and why; nothing is spent."""
