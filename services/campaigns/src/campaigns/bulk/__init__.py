"""Many at once: changes of many campaigns or codes as a job, with progress and undo."""
