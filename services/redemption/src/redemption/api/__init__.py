"""HTTP in: parse, ask the decider, render. Voucherify's words end here."""
