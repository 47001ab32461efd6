"""Tells what each partner earned."""
