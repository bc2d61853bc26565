"""Texts turned into vectors."""
