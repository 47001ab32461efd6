"""Visits: the links that partners publish, and looks at a deal."""
