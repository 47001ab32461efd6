"""The form of a campaign: new, copied, edited; and what it would come to, beside it."""
