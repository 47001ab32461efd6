"""One job: how far, how fast, what it could not do; to stop and to undo."""
