"""What swapping the places of a pair does to a judge."""

from collections.abc import Iterator, Sequence
from itertools import pairwise

from core.calibrations import PositionBias
from evaluators.judge.ballots import Ballot
from evaluators.judge.settings import ANSWER, OTHER, TIE
from evaluators.statistics.proportions import wilson


def position_bias(ballots: Sequence[Ballot], texts: int) -> PositionBias | None:
    """Over the ballots on so many texts, in the order they were kept; None where no pair was judged in both orders."""
    orders = list(_both_orders(ballots))
    if not orders:
        return None
    stable = sum(given == swapped for given, swapped in orders)
    return PositionBias(
        # Repeats of one text are not independent: at most one observation for each text.
        stable=wilson(stable, len(orders), effective_n=min(len(orders), texts)),
        first=orders.count((ANSWER, OTHER)),
        second=orders.count((OTHER, ANSWER)),
    )


def _both_orders(ballots: Sequence[Ballot]) -> Iterator[tuple[str, str]]:
    """What a judge said of the same pair in either order. A text's two ballots follow each other."""
    for one, other in pairwise(ballots):
        same = (one.judge, one.repeat, one.order, other.order) == (other.judge, other.repeat, "as_given", "swapped")
        if same and one.verdict in {ANSWER, OTHER, TIE} and other.verdict in {ANSWER, OTHER, TIE}:
            yield one.verdict, other.verdict
