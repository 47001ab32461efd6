"""The partner's first look: this month, live deals, what is new."""
