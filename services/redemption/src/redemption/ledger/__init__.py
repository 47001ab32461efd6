"""What the ledger keeps of a decision, and which of it a list is of. Pure."""
