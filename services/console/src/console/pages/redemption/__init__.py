"""One attempt, with all that was judged."""
