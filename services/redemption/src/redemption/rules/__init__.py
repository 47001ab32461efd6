"""Validation rules at a decision: compiled once per campaign version, judged by pure functions."""
