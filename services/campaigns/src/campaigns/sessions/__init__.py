"""Sessions: who is signed in, and the tokens that come of it."""
