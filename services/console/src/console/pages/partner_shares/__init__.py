"""Which codes a partner sees: shared, held back, withdrawn."""
