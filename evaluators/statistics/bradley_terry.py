"""Ratings of contestants from pairs of them."""

from typing import NamedTuple

import numpy as np

from evaluators.statistics.arrays import Floats, Integers
from evaluators.statistics.logistic import logistic_fit
from evaluators.statistics.quantiles import CONFIDENCE, quantile_of_student

POINTS = 400 / np.log(10)
"""Of a logit: 400 points are odds of 10 to 1, as on Elo's scale."""
MEAN = 1000.0


class Rated(NamedTuple):
    rating: float
    low: float
    high: float


class Games(NamedTuple):
    """n pairs of k contestants, each by its number from 0."""

    first: Integers
    second: Integers
    shares: Floats
    """The first one's: 1 won, 0.5 tied, 0 lost."""
    clusters: Integers
    """What is independent: the cases."""


def bradley_terry(games: Games, k: int, *, confidence: float = CONFIDENCE) -> tuple[Rated, ...] | None:
    """The ratings of k contestants, their mean at 1000, with intervals that hold within cases.

    Bradley and Terry, Biometrika 39 (1952) 324-345: the odds of i against j are exp(b_i - b_j); a tie is half a win
    (Chiang et al., Chatbot Arena, arXiv:2403.04132 (2024), section 4, whose sandwich intervals these are, over cases).
    None where no finite ratings fit best; `unbeaten` then says whose fault it is.
    """
    if unbeaten(games, k) is not None:
        return None
    design = np.zeros((len(games.shares), k))
    rows = np.arange(len(games.shares))
    design[rows, games.first] = 1
    design[rows, games.second] = -1
    # Only differences matter, so the last one's strength is fixed while the others are found.
    fit = logistic_fit(design[:, :-1], games.shares, games.clusters)
    if fit is None:
        return None
    centred = (np.eye(k) - 1 / k)[:, :-1]
    strengths = centred @ fit.coefficients
    errors = np.sqrt(np.diag(centred @ fit.covariance @ centred.T))
    half = quantile_of_student(confidence, fit.clusters - 1) * errors
    low, value, high = (MEAN + POINTS * each for each in (strengths - half, strengths, strengths + half))
    return tuple(Rated(float(value[at]), float(low[at]), float(high[at])) for at in range(k))


def unbeaten(games: Games, k: int) -> tuple[int, ...] | None:
    """Contestants against whom the others won nothing at all, or whom they never met: then no finite ratings fit best
    (Ford, American Mathematical Monthly 64 (1957) 28-33). None where everybody is tied to everybody by some wins."""
    won = np.eye(k, dtype=np.bool_)
    np.logical_or.at(won, (games.first, games.second), games.shares > 0)
    np.logical_or.at(won, (games.second, games.first), games.shares < 1)
    for _ in range(k):
        won = won @ won
    for contestant in range(k):
        if not won[contestant].all():
            return tuple(int(other) for other in np.flatnonzero(~won[contestant]))
    return None
