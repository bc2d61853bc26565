"""Clauses are solved as reasoning-gym expects it of pycosat, which is not installed."""

import hashlib
import importlib.metadata
import json

import pytest

from adapters.datasets.gym import generator
from core.satisfiability import itersolve

MADE_WITH_PYCOSAT = "ccdbbe1e4a2c"
"""sha256 of a puzzle that was made with pycosat 0.6.6, its beginning."""


def test_every_solution_comes_once() -> None:
    exactly_one = [(1, 2, 3), (-1, -2), (-1, -3), (-2, -3)]
    assert sorted(itersolve(exactly_one)) == [[-1, -2, 3], [-1, 2, -3], [1, -2, -3]]


def test_a_contradiction_has_no_solution() -> None:
    assert list(itersolve([(1,), (-1,)])) == []


def test_puzzles_are_the_same_as_with_the_solver_that_reasoning_gym_names() -> None:
    with pytest.raises(importlib.metadata.PackageNotFoundError):
        importlib.metadata.version("pycosat")
    puzzle = generator("zebra_puzzles", seed=7, size=1, config={"num_people": 4})[0]
    assert hashlib.sha256(json.dumps(puzzle).encode()).hexdigest().startswith(MADE_WITH_PYCOSAT)
