"""What shops tell of orders: kept, and what was redeemed on them rolled back."""
