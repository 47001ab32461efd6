"""Validation rules: what orders and customers have to be like, and for which campaigns."""
