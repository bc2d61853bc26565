"""Judging in side processes: an evaluator that crashes, hangs or eats memory costs one answer."""
