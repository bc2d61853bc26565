"""Tests of the graders that OpenAI's Evals have."""
