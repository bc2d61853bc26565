"""Deterministic orchestration: workflows hold counts and references, never questions or answers."""
