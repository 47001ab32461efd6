"""Between records and the decider: what they ask, what is set aside, what is answered."""
