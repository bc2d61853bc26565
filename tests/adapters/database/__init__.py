"""Tests of the repositories, over a real PostgreSQL."""
