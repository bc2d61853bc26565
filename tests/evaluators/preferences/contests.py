"""Pairs as judges leave them, made by hand."""

from core.preferences import Contestant, PreferenceReport
from core.verdicts import Spent
from evaluators.judge.ballots import PLACES, Ballot, Order
from evaluators.preferences.matches import Named
from evaluators.preferences.pairs import Ended, Pair
from evaluators.preferences.report import preference_report

VALUES = {"answer": 1.0, "tie": 0.5, "other": 0.0}
ORDERS: tuple[Order, Order] = ("as_given", "swapped")


def ballots(*verdicts: str | None) -> tuple[Ballot, ...]:
    """One judge's, as given and swapped."""
    spent = Spent(calls=1, input_tokens=10, output_tokens=1, cost_usd=0.25)
    return tuple(
        Ballot(judge="judge", repeat=0, order=order, verdict=verdict, model="judge-1", spent=spent)
        for order, verdict in zip(ORDERS, verdicts, strict=False)
    )


def pair(
    case: int, verdict: str, *, match: int = 0, lengths: tuple[int, int] = (5, 5), unit: int | None = None
) -> Pair:
    """A judge of one mind in both orders; `first` names whoever stands first both times."""
    given = ballots(*(PLACES.get((verdict, order), verdict) for order in ORDERS))
    return Pair(
        match=match,
        case=case,
        unit=case if unit is None else unit,
        ended="judged",
        value=VALUES.get(verdict, 0.5),
        lengths=lengths,
        ballots=given,
        spent=given[0].spent.plus(given[1].spent),
    )


def left_out(case: int, ended: Ended, *, match: int = 0) -> Pair:
    return Pair(match=match, case=case, unit=case, ended=ended)


def report(*pairs: Pair, names: tuple[str, ...] = ("a", "b")) -> PreferenceReport:
    """All against all, in the order of the names."""
    named = [
        Named(f"{first} vs {second}", first, second) for at, first in enumerate(names) for second in names[at + 1 :]
    ]
    return preference_report([Contestant(name=name, run_id="run", agent_id=name) for name in names], named, pairs)
