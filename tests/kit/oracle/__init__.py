"""What decisions have to be, by docs/redemption.md alone: it shares no code with the product."""
