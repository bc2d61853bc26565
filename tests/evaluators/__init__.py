"""Tests of the evaluators, the statistics and the summary."""
