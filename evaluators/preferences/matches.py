"""Two contestants' pairs: how often each is preferred, how sure that is, and what moved the judges that should not."""

from collections.abc import Sequence
from typing import Literal, NamedTuple

import numpy as np

from core.preferences import Match, WinRate
from evaluators.judge.position import position_bias
from evaluators.preferences.length import length_controlled
from evaluators.preferences.pairs import Ended, Pair, judged
from evaluators.repetition import within_bounds
from evaluators.statistics.arrays import Floats, Integers
from evaluators.statistics.bootstrap import bootstrap_mean
from evaluators.statistics.clusters import cluster_means, clustered_mean
from evaluators.statistics.multiplicity import holm
from evaluators.statistics.pairs import mcnemar_exact, paired_difference
from evaluators.statistics.quantiles import CONFIDENCE

Finding = Literal["first", "second", "cannot_tell"]


class Named(NamedTuple):
    """A match of the run: its agent's name there, and the two who are compared."""

    agent_id: str
    first: str
    second: str


def matches_of(named: Sequence[Named], pairs: Sequence[Pair]) -> tuple[Match, ...]:
    """In the order of the run. Pairs must come as they were judged: a pair's ballots follow each other."""
    found = [_match(one, [pair for pair in pairs if pair.match == at]) for at, one in enumerate(named)]
    adjusted = holm(np.array([match.sign_p for match in found]))
    return tuple(_decided(match, float(p)) for match, p in zip(found, adjusted, strict=True))


def win_rate(values: Floats, units: Integers) -> WinRate | None:
    """Of cases, ties half: a win more than a loss is half a step of the paired difference, whose interval it takes
    (`paired_difference`: Bonett and Price's, which knows ties for what they are). Of means of trials: as of scores."""
    if not len(values):
        return None
    if not np.isin(values, (0, 0.5, 1)).all():
        mean = within_bounds(clustered_mean(values, units), clustered=False)
        return WinRate(value=mean.value, low=mean.low, high=mean.high, n=mean.n)
    found = paired_difference(2 * values - 1, units)
    low, high = (None if bound is None else (1 + bound) / 2 for bound in (found.low, found.high))
    return WinRate(value=(1 + found.mean) / 2, low=low, high=high, n=found.n)


def _match(named: Named, pairs: Sequence[Pair]) -> Match:
    own = judged(pairs)
    values, units = own.by_case
    means = cluster_means(values, units) if len(values) else values
    p = mcnemar_exact(int((means > 0.5).sum()), int((means < 0.5).sum()))
    ballots = [ballot for pair in pairs for ballot in pair.ballots]
    return Match(
        **named._asdict(),
        pairs=len(own.values),
        wins=int((own.values > 0.5).sum()),
        ties=int((own.values == 0.5).sum()),
        losses=int((own.values < 0.5).sum()),
        unanswered=_count(pairs, "unanswered"),
        undecided=_count(pairs, "undecided"),
        missing=_count(pairs, "missing"),
        win_rate=win_rate(values, units),
        bootstrap=bootstrap_mean(values, units) if len(values) else None,
        length_controlled=length_controlled(own),
        sign_p=p,
        adjusted_p=p,
        position=position_bias(ballots, len({pair.unit for pair in pairs})),
        finding="cannot_tell",
        sentence="",
    )


def _count(pairs: Sequence[Pair], ended: Ended) -> int:
    return sum(pair.ended == ended for pair in pairs)


def _decided(match: Match, p: float) -> Match:
    finding = _finding(match.win_rate, p)
    return match.model_copy(
        update={"adjusted_p": p, "finding": finding, "sentence": _sentence(match, finding, match.win_rate)}
    )


def _finding(rate: WinRate | None, p: float) -> Finding:
    if rate is None or rate.low is None or rate.high is None or p > 1 - CONFIDENCE:
        return "cannot_tell"
    if rate.low > 0.5:
        return "first"
    return "second" if rate.high < 0.5 else "cannot_tell"


def _sentence(match: Match, finding: Finding, rate: WinRate | None) -> str:
    if rate is None:
        return f"No pair of {match.first!r} and {match.second!r} was judged."
    winner, other = (match.second, match.first) if finding == "second" else (match.first, match.second)
    cases = "1 case" if rate.n == 1 else f"{rate.n:,} cases"
    won = f"{winner!r} wins {_share(rate.value, finding)} over {cases}, ties half"
    if rate.low is not None and rate.high is not None:
        low, high = sorted((_share(rate.low, finding), _share(rate.high, finding)), key=lambda text: float(text[:-1]))
        won = f"{won} (95 % interval {low} to {high})"
    if finding == "cannot_tell":
        return f"Nobody can tell whether {winner!r} or {other!r} is preferred: {won}."
    return f"{winner!r} is preferred to {other!r}: {won}."


def _share(won: float, finding: Finding) -> str:
    """The winner's share."""
    return f"{1 - won if finding == 'second' else won:.1%}"
