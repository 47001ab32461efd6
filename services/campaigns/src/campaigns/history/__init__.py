"""History: who changed what and when, before and after. The audit log is all of it."""
