"""Runs written in the formats that other programs read: a plugin of the group `benchmark.exporters` each."""
