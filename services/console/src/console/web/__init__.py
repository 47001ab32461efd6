"""What every page shares: who asks, what is typed, what is answered, and what goes wrong."""
