"""Tests of evaluators.isolation."""
