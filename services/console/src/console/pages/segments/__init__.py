"""The segments of a project: groups of customers that rules ask about."""
