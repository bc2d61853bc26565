"""Which cases are asked, and which are shown as examples.

The cases have an order: that of the dataset, or, with a seed, a random one that only the seed and each case's id decide
(so a larger limit draws the same cases and more, and an edited dataset keeps its draw). From each category the
last ones of that order are held out as examples; so a run that shows examples asks the same questions as one
that shows none, as long as the limit leaves that many. Of the others, up to the limit are asked: the first ones
with a seed, and the first ones of every category in turn without one. They are asked in the dataset's order, or in the
one that was drawn.
"""

from typing import NamedTuple

import numpy as np

from adapters.datasets.drafts import Draft, Numbers
from core.errors import InvalidDataset


class Selection(NamedTuple):
    asked: Numbers
    """Places in the draft: ascending, or as they were drawn."""
    examples: dict[str, Numbers]
    """By category, "" for none."""


def select(draft: Draft, *, limit: int | None, examples: int, drawn: bool = False) -> Selection:
    """Raises InvalidDataset when a category is too small to hold out that many examples."""
    ranks = draft.ranks
    order = np.arange(len(draft)) if ranks is None else np.argsort(ranks, kind="stable")
    by_category = _by_category(draft, order)
    shown: dict[str, Numbers] = {}
    if examples:
        for number, name in enumerate(draft.categories):
            places = by_category[number]
            if len(places) <= examples:
                raise InvalidDataset(
                    f"{_called(name)} {len(places)} cases: too few to show {examples} as examples and ask the others.",
                    pointer="/prompt/few_shot/count",
                )
            shown[name] = places[len(places) - examples :]
            by_category[number] = places[: len(places) - examples]
    if limit is None or limit >= sum(map(len, by_category)):
        asked = np.concatenate(by_category)
    elif ranks is None:
        asked = _evenly(by_category, limit)
    else:
        left = np.concatenate(by_category)
        asked = left[np.argsort(ranks[left], kind="stable")][:limit]
    if drawn and ranks is not None:
        return Selection(asked[np.argsort(ranks[asked], kind="stable")], shown)
    return Selection(np.sort(asked), shown)


def _by_category(draft: Draft, order: Numbers) -> list[Numbers]:
    numbers = draft.category_numbers[order]
    ends = np.cumsum(np.bincount(numbers, minlength=len(draft.categories)))[:-1]
    return np.split(order[np.argsort(numbers, kind="stable")], ends)


def _evenly(by_category: list[Numbers], limit: int) -> Numbers:
    turns = np.concatenate([np.arange(len(places)) for places in by_category])
    return np.concatenate(by_category)[np.argsort(turns, kind="stable")][:limit]


def _called(category: str) -> str:
    return f"The category {category!r} has" if category else "The dataset has"
