"""Signing in and out, by password and by the company's own accounts."""
