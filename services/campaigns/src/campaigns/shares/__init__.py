"""Shares: which of a campaign's codes its partner may see."""
