"""One campaign: how it stands, what it earns, its codes, and the switch."""
