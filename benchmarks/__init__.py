"""Measurements anyone can repeat: each script prints our figure, a baseline of the same minutes, and the ratio."""
