"""A judge beside people: how often they agree, and what moves the judge that should not."""

from collections import Counter
from collections.abc import Sequence
from functools import reduce
from typing import Any, NamedTuple

import numpy as np

from core.calibrations import CalibrationReport, LengthBias, LengthCorrelation
from core.verdicts import Spent, UnscoredCause
from evaluators.agreement import Counts, cohen_kappa, confusion, fleiss_kappa, quadratic_weights
from evaluators.judge.ballots import Ballot
from evaluators.judge.position import position_bias
from evaluators.judge.settings import ANSWER, OTHER, JudgeSettings
from evaluators.statistics.pairs import paired_difference
from evaluators.statistics.proportions import wilson

DECIDED = frozenset({ANSWER, OTHER})


class JudgedText(NamedTuple):
    """One text that people judged, and what the judge made of it."""

    people: tuple[str, ...]
    """Each person's verdict, in the judge's words."""
    value: float | None
    """The judge's score 0..1; None for no verdict."""
    cause: UnscoredCause | None
    """Why there is none."""
    ballots: tuple[Ballot, ...]
    length: int
    """Characters of the text."""
    other_length: int | None = None
    """Characters of the other text of a pair."""


class _Pair(NamedTuple):
    """A text on which people and the judge each have a verdict."""

    people: str
    judge: str
    text: JudgedText


def calibration_report(texts: Sequence[JudgedText], settings: JudgeSettings) -> CalibrationReport:
    """All figures over the texts on which most people agree."""
    values = settings.values
    labels = tuple(sorted(values, key=lambda label: values[label]))
    settled = [(majority, text) for text in texts if (majority := _majority(text.people)) is not None]
    pairs = [_Pair(people, _nearest(text.value, values), text) for people, text in settled if text.value is not None]
    table = confusion([pair.people for pair in pairs], [pair.judge for pair in pairs], labels)
    agreed = int(np.trace(table))
    missing = sum(text.value is None and text.cause == "judge" for _, text in settled)
    ballots = [ballot for text in texts for ballot in text.ballots]
    return CalibrationReport(
        labels=labels,
        items=len(settled),
        split=len(texts) - len(settled),
        judged=len(pairs),
        abstained=len(settled) - len(pairs) - missing,
        missing=missing,
        confusion={
            people: {judge: int(table[i, j]) for j, judge in enumerate(labels)} for i, people in enumerate(labels)
        },
        agreement=wilson(agreed, len(pairs)) if pairs else None,
        kappa=cohen_kappa(table),
        weighted_kappa=cohen_kappa(table, weights=quadratic_weights([values[label] for label in labels])),
        people_kappa=fleiss_kappa(_ratings([text.people for text in texts], labels)),
        joint_kappa=fleiss_kappa(_ratings([(*pair.text.people, pair.judge) for pair in pairs], labels)),
        position=position_bias(ballots, len(texts)),
        length=_length_bias(pairs),
        length_correlation=None if settings.mode == "pairwise" else _length_correlation(pairs, values),
        spent=reduce(Spent.plus, (ballot.spent for ballot in ballots), Spent()),
        models=tuple(sorted({ballot.model for ballot in ballots if ballot.model is not None})),
    )


def _majority(people: Sequence[str]) -> str | None:
    """The verdict of more people than any other; None when they are evenly split."""
    first, *others = Counter(people).most_common(2)
    return None if others and others[0][1] == first[1] else first[0]


def _nearest(value: float, values: dict[str, float]) -> str:
    """The label whose score is nearest: means of several votes may lie between two."""
    return min(values, key=lambda label: abs(values[label] - value))


def _ratings(people: Sequence[Sequence[str]], labels: Sequence[str]) -> Counts:
    place = {label: at for at, label in enumerate(labels)}
    rows = [np.bincount([place[verdict] for verdict in each], minlength=len(labels)) for each in people]
    return np.array(rows, dtype=np.int64).reshape(len(rows), len(labels))


def _length_bias(pairs: Sequence[_Pair]) -> LengthBias | None:
    unlike = [
        (pair, ANSWER if pair.text.length > pair.text.other_length else OTHER)
        for pair in pairs
        if pair.text.other_length not in (None, pair.text.length) and {pair.people, pair.judge} <= DECIDED
    ]
    if not unlike:
        return None
    judge = np.array([pair.judge == longer for pair, longer in unlike], dtype=np.float64)
    people = np.array([pair.people == longer for pair, longer in unlike], dtype=np.float64)
    found = paired_difference(judge - people)
    if found.low is None or found.high is None:
        return None
    return LengthBias(
        judge_prefers_longer=wilson(float(judge.sum()), len(judge)),
        people_prefer_longer=wilson(float(people.sum()), len(people)),
        difference=found.mean,
        low=found.low,
        high=found.high,
    )


def _length_correlation(pairs: Sequence[_Pair], values: dict[str, float]) -> LengthCorrelation | None:
    from scipy.stats import spearmanr  # pyright: ignore[reportMissingTypeStubs,reportUnknownVariableType]

    lengths = [pair.text.length for pair in pairs]
    excess = [(pair.text.value or 0.0) - values[pair.people] for pair in pairs]
    if len(set(lengths)) < 3 or len(set(excess)) < 2:
        return None
    found: Any = spearmanr(lengths, excess)
    return LengthCorrelation(value=float(found.statistic), p_value=float(found.pvalue), n=len(pairs))
