"""HTTP in: one module per resource. Voucherify's words are translated here and go no further."""
