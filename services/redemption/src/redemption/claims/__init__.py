"""Limits as claims: what a use needs, and what is said to who meets one. Pure."""
