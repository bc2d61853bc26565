"""Whole runs by real processes: what users were promised, tried from outside."""
