"""How figures, money and instants are written. Pure: the same everywhere, and in tests."""
