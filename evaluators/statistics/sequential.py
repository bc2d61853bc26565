"""When to stop asking: a decision that may be looked at after every answer, and is still wrong as seldom as promised.

A test by betting. Somebody who believes that the mean is at most the bound sells bets on every next value at the price
that this makes fair; whoever buys them with foresight of nothing but the past grows rich only if the belief is wrong.
Under a true belief the chance of ever multiplying the stake by 1 / p is at most p (Ville 1939), whenever one looks.
Bets and bounds: Waudby-Smith and Ramdas, Estimating Means of Bounded Random Variables by Betting, Journal of the Royal
Statistical Society B 86 (2024) 1-27, section 4 and appendix B.3 (aGRAPA).

The values must come in an order that has nothing to do with them, such as that of a seeded draw.
"""

from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from evaluators.statistics.arrays import Floats

ERROR = 0.05
MOST_AT_STAKE = 0.75
"""The share of the wealth that one bet may lose."""


class Settled(NamedTuple):
    side: Literal["above", "below"]
    after: int
    """Values that it took."""


def settle(
    values: Floats,
    bound: float,
    *,
    population: int | None = None,
    error: float = ERROR,
    lowest: float = 0.0,
    highest: float = 1.0,
) -> Settled | None:
    """On which side of the bound the mean lies, and since which value; None while that is open.

    `values` are those seen so far, in their order, each within `lowest` to `highest`, and `bound` strictly between. A
    wrong side is named with probability `error` at most, over all times together. With `population` the question is
    which side the mean of so many values will be on, of which these are the first, drawn without replacement: what a
    run of all cases would say. That needs fewer of them (Waudby-Smith and Ramdas, Confidence Sequences for Sampling
    without Replacement, NeurIPS 2020, section 3). For two agents, give the differences of their scores case by case,
    -1 to 1, and 0 as the bound.
    """
    scale = highest - lowest
    seen = (values - lowest) / scale
    fair = _fair_prices(seen, (bound - lowest) / scale, population)
    rich = np.log(2 / error)
    above = _first((_wealth(seen, fair) >= rich) | (fair < 0))
    below = _first((_wealth(1 - seen, 1 - fair) >= rich) | (fair > 1))
    if above is None and below is None:
        return None
    if below is None or (above is not None and above <= below):
        return Settled("above", above or 1)
    return Settled("below", below)


def _fair_prices(seen: Floats, bound: float, population: int | None) -> Floats:
    """For each value, and the one after the last, its expectation before it is seen if the mean is just the bound."""
    if population is None:
        return np.full(len(seen) + 1, bound)
    left = population - np.arange(len(seen) + 1)
    before = np.concatenate(([0.0], np.cumsum(seen)))
    rest = np.round(population * bound - before, 9)
    fair = rest / np.maximum(left, 1)
    # After the last of the population nothing is left to expect: what was seen decides.
    fair[(left == 0) & (rest < 0)] = -1.0
    fair[(left == 0) & (rest > 0)] = 2.0
    return fair


def _wealth(seen: Floats, fair: Floats) -> Floats:
    """The logarithm of the wealth after each value, from 0, of bets that the mean is greater than the prices say."""
    count = np.arange(1, len(seen) + 1)
    means = (0.5 + np.cumsum(seen)) / (count + 1)
    spread = (0.25 + np.cumsum((seen - means) ** 2)) / (count + 1)
    mean_before, spread_before = np.r_[0.5, means[:-1]], np.r_[0.25, spread[:-1]]
    # Where a price has left 0..1 all is decided, and no bet is needed.
    prices = np.clip(fair[: len(seen)], 0.0, 1.0)
    edge = np.maximum(mean_before - prices, 0.0)
    bets = np.minimum(edge / (spread_before + edge**2), MOST_AT_STAKE / np.maximum(prices, 1e-9))
    return np.r_[0.0, np.cumsum(np.log1p(np.maximum(bets * (seen - prices), -MOST_AT_STAKE)))]


def _first(sure: NDArray[np.bool_]) -> int | None:
    """After how many values it was so for the first time."""
    found = np.flatnonzero(sure)
    return int(found[0]) if len(found) else None
