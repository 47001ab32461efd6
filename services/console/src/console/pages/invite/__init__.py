"""Accepting an invitation: who is invited becomes somebody who can sign in."""
