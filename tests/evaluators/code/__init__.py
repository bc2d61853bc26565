"""Tests of evaluators.code."""
