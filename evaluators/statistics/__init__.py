"""Estimates with their uncertainty: pure functions of numbers, one room a subject, each citing its source."""
