"""The services `benchmark dev` runs by itself: PostgreSQL, Temporal and a small language model, all from packages."""
