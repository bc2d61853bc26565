"""What judges said of one answer, and what it comes to: pure, so that recorded ballots can be counted again."""

from collections import Counter
from collections.abc import Mapping, Sequence
from statistics import fmean
from typing import Literal, NamedTuple

from pydantic import JsonValue, TypeAdapter

from core.model import Model
from core.verdicts import Spent
from evaluators.judge.settings import ABSTAINED, ANSWER, OTHER, TIE, JudgeSettings

Order = Literal["as_given", "swapped"]
PLACES: dict[tuple[str, Order], str] = {
    ("first", "as_given"): ANSWER,
    ("second", "as_given"): OTHER,
    ("first", "swapped"): OTHER,
    ("second", "swapped"): ANSWER,
}
"""Who stands in which place, by the order the pair was shown in."""


class Ballot(Model):
    """One judge's reply to one prompt, kept in the details of the verdict."""

    judge: str
    repeat: int
    order: Order = "as_given"
    verdict: str | None
    """A label, a number, `cannot_tell`; of a pair who is better: `answer`, `other` or `tie`. None: no verdict came."""
    rationale: str = ""
    raw: str | None = None
    """The last reply as it came."""
    model: str | None = None
    trouble: str | None = None
    """Why no verdict came."""
    away: bool = False
    """The judge could not be had."""
    tries: int = 1
    spent: Spent


class Vote(NamedTuple):
    """One judge's opinion in one repeat, both orders joined."""

    verdict: str | None
    """None: it gave none."""
    flipped: bool = False
    """It named another winner when the places were swapped."""


class Count(NamedTuple):
    """What the votes come to."""

    value: float | None
    """None: no verdict."""
    label: str | None
    missing: int
    """Votes that judging again may bring."""
    abstained: int
    votes: int


BALLOTS = TypeAdapter(tuple[Ballot, ...])


def kept_ballots(details: Mapping[str, JsonValue] | None) -> tuple[Ballot, ...]:
    """The ballots in a verdict's details; none where no judge was asked."""
    return BALLOTS.validate_python((details or {}).get("ballots", ()))


def of_pair(said: str, order: Order) -> str:
    """A pairwise judge's word (`first`, `second`, `tie`) as who is better."""
    return PLACES.get((said, order), said)


def votes_of(ballots: Sequence[Ballot], settings: JudgeSettings) -> list[Vote]:
    """One vote for each (judge, repeat)."""
    grouped: dict[tuple[str, int], list[Ballot]] = {}
    for ballot in ballots:
        grouped.setdefault((ballot.judge, ballot.repeat), []).append(ballot)
    return [_vote(group, settings) for group in grouped.values()]


def _vote(group: Sequence[Ballot], settings: JudgeSettings) -> Vote:
    verdicts = {ballot.verdict for ballot in group}
    if len(verdicts) == 1:
        return Vote(verdicts.pop())
    if None in verdicts:
        return Vote(None)
    flipped = {ANSWER, OTHER} <= verdicts
    if ABSTAINED in verdicts or settings.on_disagreement == "abstain":
        return Vote(ABSTAINED, flipped)
    return Vote(TIE, flipped)


def counted(votes: Sequence[Vote], settings: JudgeSettings) -> Count:
    """The majority is a strict one: more votes than any other verdict has."""
    given = [vote.verdict for vote in votes if vote.verdict is not None and vote.verdict != ABSTAINED]
    missing = sum(vote.verdict is None for vote in votes)
    value, label = _joined(given, settings) if len(given) >= settings.votes_needed else (None, None)
    return Count(value, label, missing, len(votes) - len(given) - missing, len(given))


def _joined(given: Sequence[str], settings: JudgeSettings) -> tuple[float | None, str | None]:
    counts = Counter(given).most_common(2)
    label = counts[0][0] if len(counts) == 1 or counts[0][1] > counts[1][1] else None
    if settings.combination == "mean":
        # Rounding may carry a mean of ones above one.
        return min(1.0, fmean(settings.values[verdict] for verdict in given)), label
    return (None if label is None else settings.values[label]), label
