"""Benchmark definitions as files: reading them, their schema, and the ready-made ones."""
