"""Defines campaigns, issues codes, and tells the other services."""
