"""Assignments that satisfy clauses, over python-sat; and how reasoning-gym comes to use it.

reasoning-gym imports pycosat, for one task, and pycosat comes as C source only: set-up would need a compiler. So the
lock leaves pycosat out, and this module answers to its name. The task asks no more than whether a puzzle has exactly
one solution, so every solver makes the same puzzles.

A clause is a sequence of literals: variables are numbered from 1, and a negative number is a variable that is false.
"""

import importlib.util
import sys
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final, cast

from pysat.solvers import Solver  # pyright: ignore[reportMissingTypeStubs]

NAME: Final = "pycosat"
SOLVER: Final = "minisat22"
"""Adds clauses between solutions, as listing them all takes."""


def itersolve(clauses: Iterable[Sequence[int]]) -> Iterator[list[int]]:
    """Every assignment that satisfies all clauses: one literal for each variable, in the order of the variables."""
    with Solver(name=SOLVER, bootstrap_with=clauses) as solver:
        yield from cast("Any", solver).enum_models()


def stand_in() -> None:
    """Makes `import pycosat` find this module where that package is missing. To be called before reasoning-gym is
    imported; again is harmless."""
    if NAME not in sys.modules and importlib.util.find_spec(NAME) is None:
        sys.modules[NAME] = sys.modules[__name__]
