"""Calls of tools: read from what an agent said, and compared with those a case permits."""
