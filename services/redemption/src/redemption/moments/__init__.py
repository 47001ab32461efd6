"""When: clocks, periods, windows and openings, as a shop counts them. Pure."""
