"""The audit log: who changed what and when, before and after."""
