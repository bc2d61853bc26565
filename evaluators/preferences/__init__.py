"""Agents head to head: figures of pairs that judges have judged."""
