"""Campaigns: one per partner and channel."""
