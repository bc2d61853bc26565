"""Rows of the report about differences: agents against the baseline, and contestants head to head."""

from collections.abc import Sequence
from typing import Any, Final

from api.charts.marks import interval_mark, span_of
from api.figures import NOT_KNOWN, count, dollars, points, probability, reach, seconds, share
from core.comparisons import Finding, Resource, ResourceDifference, ScoreDifference
from core.preferences import Match, PreferenceReport
from core.reports import Contest

WORDS: Final[dict[Finding, str]] = {"improved": "better", "worse": "worse", "cannot_tell": "cannot tell"}
CHIPS: Final[dict[Finding, str]] = {"improved": "good", "worse": "bad", "cannot_tell": ""}
MARKS: Final[dict[Finding, str]] = {"improved": "up", "worse": "down", "cannot_tell": ""}
RESOURCES: Final[dict[Resource, tuple[str, Any]]] = {
    "latency_s": ("latency", seconds),
    "input_tokens": ("tokens in", count),
    "output_tokens": ("tokens out", count),
    "cost_usd": ("cost", dollars),
}


def forest_span(contests: Sequence[Contest]) -> tuple[float, float]:
    firsts = [each.differences.scores[0] for each in contests]
    return span_of([end for each in firsts for end in (each.low, each.high, each.difference)])


def forest(contests: Sequence[Contest]) -> list[dict[str, Any]]:
    span = forest_span(contests)
    return [_difference(each, span) for each in contests]


def _difference(contest: Contest, span: tuple[float, float]) -> dict[str, Any]:
    subject = f"{contest.candidate} minus {contest.baseline}"
    return difference_row(contest.candidate, contest.differences.scores[0], span, subject=subject)


def difference_row(
    name: str, found: ScoreDifference, span: tuple[float, float], *, subject: str | None = None
) -> dict[str, Any]:
    """One difference under this name. `span` is the scale of its mark, `subject` what a screen reader says it is."""
    interval = "no interval" if found.low is None else reach(points(found.low), points(found.high))
    label = f"{subject or name}: {points(found.difference)} points, interval {interval}"
    mark = (
        ""
        if found.difference is None
        else interval_mark((found.difference, found.low, found.high), span, tone=MARKS[found.finding], label=label)
    )
    return {
        "name": name,
        "finding": WORDS[found.finding],
        "tone": CHIPS[found.finding],
        "baseline": found.baseline,
        "candidate": found.candidate,
        "difference": found.difference,
        "interval": interval,
        "mark": mark,
        "p": probability(found.adjusted_p),
        "better": found.better,
        "worse": found.worse,
        "cases": found.cases,
        "detectable": found.detectable,
    }


def crossings(contests: Sequence[Contest], *, trials: int) -> list[dict[str, Any]]:
    """McNemar's test is of questions that were asked once; of several trials the sign test of their means."""
    return [
        {
            "baseline": each.baseline,
            "candidate": each.candidate,
            "crossing": each.crossing,
            "p": probability(each.differences.scores[0].mcnemar_p),
            "sign": trials > 1 or each.differences.scores[0].clusters is not None,
        }
        for each in contests
        if each.crossing is not None
    ]


def resources(contests: Sequence[Contest]) -> list[dict[str, Any]]:
    return [resource_row(each.candidate, found) for each in contests for found in each.differences.resources]


def resource_row(name: str, found: ResourceDifference) -> dict[str, Any]:
    what, told = RESOURCES[found.resource]
    ends = (NOT_KNOWN if end is None else f"{end:.2f}" for end in (found.ratio_low, found.ratio_high))
    return {
        "name": name,
        "what": what,
        "candidate": told(found.candidate),
        "baseline": told(found.baseline),
        "ratio": NOT_KNOWN if found.ratio is None else f"{found.ratio:.2f} times",
        "interval": "" if found.ratio is None else reach(*ends),
        "finding": {"improved": "less", "worse": "more", "cannot_tell": "cannot tell"}[found.finding],
        "tone": CHIPS[found.finding],
    }


def matches(report: PreferenceReport) -> list[dict[str, Any]]:
    return [_match(each) for each in report.matches]


def _match(match: Match) -> dict[str, Any]:
    rate, alike = match.win_rate, match.length_controlled
    bounded = rate is not None and rate.low is not None and rate.high is not None
    interval = reach(share(rate.low), share(rate.high)) if rate is not None and bounded else "no interval"
    winner = {"first": match.first, "second": match.second, "cannot_tell": None}[match.finding]
    tone = {"first": "up", "second": "down", "cannot_tell": ""}[match.finding]
    label = f"{match.first} against {match.second}: win rate {share(rate.value if rate else None)}, interval {interval}"
    # Even is in the middle.
    ends = (None, None) if rate is None or not bounded else (rate.low, rate.high)
    low, high = (None if end is None else end - 0.5 for end in ends)
    mark = "" if rate is None else interval_mark((rate.value - 0.5, low, high), (-0.5, 0.5), tone=tone, label=label)
    return {
        "first": match.first,
        "second": match.second,
        "finding": f"{winner} preferred" if winner else "cannot tell",
        "tone": "good" if winner else "",
        "tally": f"{match.wins:,} / {match.ties:,} / {match.losses:,}",
        "rate": share(rate.value if rate else None),
        "interval": interval,
        "mark": mark,
        "p": probability(match.adjusted_p),
        "controlled": share(alike.value if alike else None),
        "controlled_interval": "" if alike is None else reach(share(alike.low), share(alike.high)),
    }
