"""Which questions tell more than others: where agents disagree, where all are wrong, or the only one is."""

from collections.abc import Sequence
from typing import Final, Literal, NamedTuple

import numpy as np

from core.columns import CaseColumns
from evaluators.statistics.arrays import Floats, Integers

DISAGREEMENTS: Final = 8
WRONG: Final = 4
WRONG_OF_ONE: Final = 10


class Telling(NamedTuple):
    case_index: int
    chosen: Literal["disagreement", "all wrong", "wrong"]
    means: tuple[float | None, ...]
    """By agent: its mean score for the case; None without one."""


def telling_cases(sides: Sequence[CaseColumns]) -> list[Telling]:
    """Of several agents the cases whose scores lie furthest apart, then those that nobody got right; of one its worst.
    Among equals they are taken at equal distances, so that they are not all from the beginning."""
    if len(sides) == 1:
        return _lowest(sides[0])
    means = _means(sides)
    several = (~np.isnan(means)).sum(axis=0) > 1
    low, high = np.where(np.isnan(means), 2, means).min(axis=0), np.where(np.isnan(means), -1, means).max(axis=0)
    spread = np.where(several, high - low, 0)
    apart = _greatest(spread, np.flatnonzero(spread > 0), DISAGREEMENTS)
    wrong = _greatest(-high, np.flatnonzero(several & (high < 0.5) & (spread < 0.5)), WRONG)
    return [_told(means, int(at), "disagreement") for at in apart] + [
        _told(means, int(at), "all wrong") for at in wrong if at not in apart
    ]


def _lowest(side: CaseColumns) -> list[Telling]:
    means = _means([side])
    values = np.where(np.isnan(means[0]), 1.0, means[0])
    return [_told(means, int(at), "wrong") for at in _greatest(-values, np.flatnonzero(values < 1), WRONG_OF_ONE)]


def _means(sides: Sequence[CaseColumns]) -> Floats:
    """(agents, cases) by the evaluator that decides; nan without a score."""
    size = max((int(each.case_index.max(initial=-1)) + 1 for each in sides), default=0)
    means = np.full((len(sides), size), np.nan)
    for row, each in enumerate(sides):
        if each.evaluators:
            means[row, each.case_index] = each.evaluators[0].means
    return means


def _greatest(values: Floats, among: Integers, most: int) -> Integers:
    """Those with the greatest values, the greatest first."""
    chosen: list[int] = []
    for value in np.unique(np.round(values[among], 9))[::-1]:
        equals = among[np.round(values[among], 9) == value]
        places = np.unique(np.linspace(0, len(equals) - 1, min(len(equals), most - len(chosen))).astype(np.int64))
        chosen.extend(int(at) for at in equals[places])
        if len(chosen) >= most:
            break
    return np.array(chosen, dtype=np.int64)


def _told(means: Floats, at: int, chosen: Literal["disagreement", "all wrong", "wrong"]) -> Telling:
    own = tuple(None if np.isnan(value) else float(value) for value in means[:, at])
    return Telling(case_index=at, chosen=chosen, means=own)
