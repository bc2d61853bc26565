"""What people have in other tools, read as benchmarks: a plugin of the group `benchmark.importers` each."""
