"""Scorers, metrics and statistics: pure given their input."""
