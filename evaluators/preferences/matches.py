"""Two contestants' pairs: how often each is preferred, how sure that is, and what moved the judges that should not."""

from collections.abc import Sequence
from typing import Literal, NamedTuple

import numpy as np

from core.metrics import Proportion
from core.preferences import Match
from evaluators.judge.position import position_bias
from evaluators.preferences.length import length_controlled
from evaluators.preferences.pairs import Ended, Judged, Pair, judged
from evaluators.statistics.bootstrap import bootstrap_mean
from evaluators.statistics.clusters import cluster_means, effective_size
from evaluators.statistics.multiplicity import holm
from evaluators.statistics.pairs import mcnemar_exact
from evaluators.statistics.proportions import wilson

LEVEL = 0.05


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


def win_rate(pairs: Judged) -> Proportion | None:
    """Ties count half: Wilson's interval is then a little too wide, never too narrow."""
    if not len(pairs.values):
        return None
    size = effective_size(pairs.values, pairs.units)
    return wilson(float(pairs.values.sum()), len(pairs.values), effective_n=size)


def _match(named: Named, pairs: Sequence[Pair]) -> Match:
    own = judged(pairs)
    means = cluster_means(own.values, own.units) if len(own.values) else own.values
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
        win_rate=win_rate(own),
        bootstrap=bootstrap_mean(own.values, own.units) if len(own.values) else None,
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


def _finding(rate: Proportion | None, p: float) -> Literal["first", "second", "cannot_tell"]:
    if rate is None or p > LEVEL:
        return "cannot_tell"
    if rate.low > 0.5:
        return "first"
    return "second" if rate.high < 0.5 else "cannot_tell"


def _sentence(match: Match, finding: str, rate: Proportion | None) -> str:
    if rate is None:
        return f"No pair of {match.first!r} and {match.second!r} was judged."
    winner, other = (match.second, match.first) if finding == "second" else (match.first, match.second)
    won, low, high = rate.value, rate.low, rate.high
    if finding == "second":
        won, low, high = 1 - won, 1 - high, 1 - low
    of = f"of {match.pairs:,} pairs, ties half (95 % interval {low:.1%} to {high:.1%})"
    if finding == "cannot_tell":
        return f"Nobody can tell whether {winner!r} or {other!r} is preferred: {winner!r} wins {won:.1%} {of}."
    return f"{winner!r} is preferred to {other!r}: it wins {won:.1%} {of}."
