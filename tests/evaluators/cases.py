"""Case columns for tests: agents with known scores."""

from collections.abc import Mapping, Sequence

import numpy as np

from core.columns import CaseColumns, CaseScores
from evaluators.statistics.arrays import Floats


def scores(means: Sequence[float | None] | Floats, *, label: str = "exact", trials: int = 1) -> CaseScores:
    """None: the case has no score."""
    values = np.array([np.nan if value is None else value for value in means], dtype=np.float64)
    return CaseScores(label, "1", values, np.where(np.isnan(values), 0, trials).astype(np.int64))


def columns(
    *evaluators: CaseScores, ids: Sequence[str] | None = None, categories: Mapping[str, range] | None = None
) -> CaseColumns:
    """Cases `case-0`, `case-1`, ...; each category by the places of its cases."""
    n = len(evaluators[0].means)
    category = np.full(n, -1)
    for number, places in enumerate((categories or {}).values()):
        category[list(places)] = number
    return CaseColumns(
        case_index=np.arange(n),
        case_id=tuple(ids or (f"case-{number}" for number in range(n))),
        category=category,
        categories=tuple(categories or ()),
        evaluators=evaluators,
    )


def shares(right: int, n: int) -> list[float]:
    """The first so many of n cases are right."""
    return [1.0] * right + [0.0] * (n - right)
