"""Decides every redemption exactly once, and keeps the ledger."""
