"""/design: every component in every state, and the ground of the browser tests."""
