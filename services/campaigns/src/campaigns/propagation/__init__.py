"""Propagation: which versions redemption applies by now, and waiting for it."""
