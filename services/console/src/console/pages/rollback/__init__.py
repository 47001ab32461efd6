"""Roll a redemption back: all that is left of it, or a part of its order."""
