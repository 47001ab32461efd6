"""Where one is led to who names no page."""
