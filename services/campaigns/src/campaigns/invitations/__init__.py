"""Invitations: how people come into a project."""
