"""Figures of a whole corpus, from sums alone: however many scores come by, what is kept are the sums of what was
counted and of its products.

The interval is the delta method's: a figure is a function of sums over units, and its variance is that of the sums
along its gradient (linearization: Särndal, Swensson and Wretman, Model Assisted Survey Sampling, 1992, section 5.5).
A unit is a case with all its trials, or a cluster of cases. For a mean it is the clustered standard error of
`evaluators.statistics.clusters`.
"""

from collections.abc import Mapping, Sequence

import numpy as np

from core.metrics import Figure
from core.verdicts import Counted, Figures, UnitCounts
from evaluators.statistics.arrays import Floats
from evaluators.statistics.proportions import ROUNDING, wilson_of_mean

ANSWERS = "answers"
MOST_NAMES = 256
"""Names that are counted under; products of more would fill memory, and their figures come without intervals."""
STEP = 1e-4
"""By which share of itself a sum is moved to see how a figure follows."""


class Corpus:
    """Takes one evaluator's counts unit after unit, then tells the figures."""

    def __init__(self, figures: Figures) -> None:
        self._figures = figures
        self._names: dict[str, int] = {ANSWERS: 0}
        self._sums: Floats = np.zeros(1)
        self._products: Floats = np.zeros((1, 1))
        self._units = 0
        self._open: tuple[int, Floats] | None = None
        """The last unit and what was counted of it so far: more of it may come."""

    def add(self, rows: Sequence[UnitCounts]) -> None:
        if not rows:
            return
        counted = [{ANSWERS: 1.0, **_numbers(row.counts)} for row in rows]
        for name in dict.fromkeys(name for counts in counted for name in counts):
            self._names.setdefault(name, len(self._names))
        table = np.zeros((len(rows), len(self._names)))
        for at, counts in enumerate(counted):
            for name, number in counts.items():
                table[at, self._names[name]] = number
        units = np.array([row.unit for row in rows], dtype=np.int64)
        starts = np.flatnonzero(np.r_[True, units[1:] != units[:-1]])
        by_unit = np.add.reduceat(table, starts)
        if self._open is not None and self._open[0] == units[0]:
            by_unit[0] += _grown(self._open[1], len(self._names))
        elif self._open is not None:
            self._close(self._open[1][None, :])
        self._close(by_unit[:-1])
        self._open = int(units[-1]), by_unit[-1]

    def figures(self) -> dict[str, Figure]:
        """By name; none of nothing. What the evaluator's own figures raise goes through; ValueError beyond 0..1."""
        if self._open is not None:
            self._close(self._open[1][None, :])
            self._open = None
        if not self._units:
            return {}
        found = self._told(self._sums)
        for name, counted in found.items():
            if not -ROUNDING <= counted.value <= 1 + ROUNDING:
                raise ValueError(f"The figure {name!r} is {counted.value}; figures lie between 0 and 1.")
        spread = self._variances(found)
        return {name: _figure(counted, spread[name], self._units) for name, counted in found.items()}

    def _close(self, by_unit: Floats) -> None:
        size = len(self._names)
        by_unit = _grown(by_unit, size)
        self._sums = _grown(self._sums, size) + by_unit.sum(axis=0)
        self._units += len(by_unit)
        if size <= MOST_NAMES:
            self._products = _grown(_grown(self._products, size).T, size).T + by_unit.T @ by_unit

    def _told(self, sums: Floats) -> Mapping[str, Counted]:
        return self._figures({name: float(sums[at]) for name, at in self._names.items()})

    def _variances(self, found: Mapping[str, Counted]) -> Mapping[str, float | None]:
        """Of each figure; None where it is not known."""
        size = len(self._names)
        if self._units < 2 or size > MOST_NAMES:
            return dict.fromkeys(found)
        gradients = {name: np.zeros(size) for name in found}
        for at in np.flatnonzero(self._sums):
            step = abs(self._sums[at]) * STEP
            up, down = (self._told(self._sums + sign * step * np.eye(size)[at]) for sign in (1, -1))
            for name in found.keys() & up.keys() & down.keys():
                gradients[name][at] = (up[name].value - down[name].value) / (2 * step)
        scatter = self._products - np.outer(self._sums, self._sums) / self._units
        scatter *= self._units / (self._units - 1)
        return {name: max(0.0, float(slope @ scatter @ slope)) for name, slope in gradients.items()}


def _numbers(counts: Mapping[str, object]) -> dict[str, float]:
    """What may be summed."""
    return {name: float(number) for name, number in counts.items() if isinstance(number, int | float)}


def _grown(values: Floats, size: int) -> Floats:
    """With zeros for names that came later; the names are the last axis."""
    missing = size - values.shape[-1]
    return np.pad(values, [(0, 0)] * (values.ndim - 1) + [(0, missing)]) if missing else values


def _figure(counted: Counted, variance: float | None, units: int) -> Figure:
    value, n = min(max(counted.value, 0.0), 1.0), round(counted.n)
    independent = min(units, n)
    if variance is None or independent < 2:
        return Figure(value=value, low=None, high=None, n=n)
    low, high = wilson_of_mean(value, variance**0.5, independent)
    return Figure(value=value, low=low, high=high, n=n)
