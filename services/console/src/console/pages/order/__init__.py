"""One order, with its lines and what was redeemed on it."""
