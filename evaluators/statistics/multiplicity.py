"""Several questions asked of the same answers: the more are asked, the more chance finds."""

import numpy as np

from evaluators.statistics.arrays import Floats


def holm(p: Floats) -> Floats:
    """p-values adjusted so that finding any false difference among them stays as unlikely as asked for.

    Holm, A Simple Sequentially Rejective Multiple Test Procedure, Scandinavian Journal of Statistics 6 (1979) 65-70.
    """
    order = np.argsort(p, kind="stable")
    stepped = np.maximum.accumulate(p[order] * (len(p) - np.arange(len(p))))
    return _in_place(np.minimum(1.0, stepped), order)


def benjamini_hochberg(p: Floats) -> Floats:
    """p-values adjusted so that the expected share of false differences among those found is as asked for.

    Benjamini and Hochberg, Journal of the Royal Statistical Society B 57 (1995) 289-300; for independent questions.
    """
    order = np.argsort(p, kind="stable")
    scaled = p[order] * len(p) / np.arange(1, len(p) + 1)
    stepped = np.minimum.accumulate(scaled[::-1])[::-1]
    return _in_place(np.minimum(1.0, stepped), order)


def _in_place(values: Floats, order: "np.ndarray[tuple[int], np.dtype[np.intp]]") -> Floats:
    placed = np.empty(len(values))
    placed[order] = values
    return placed
