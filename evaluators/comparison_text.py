"""A comparison in plain words: what was found, how sure it is, and what could have been seen."""

from core.comparisons import ScoreDifference

SMALLEST_P = 0.0001


def sentence(found: ScoreDifference, confidence: float) -> str:
    """One finding and why."""
    if found.difference is None:
        return "Cannot tell: there is no case that both sides have a score for."
    if found.low is None or found.high is None:
        return "Cannot tell: there is one case only that both sides have a score for."
    means = f"{_share(found.candidate)} against {_share(found.baseline)}"
    interval = f"{confidence * 100:g} % interval {points(found.low)} to {points(found.high)}"
    size = f"{means} over {found.cases:,} cases, a difference of {points(found.difference)} points ({interval})"
    changed = f"{found.better:,} cases got better and {found.worse:,} worse, {probability(found.adjusted_p)}"
    if found.finding != "cannot_tell":
        word = "Improved" if found.finding == "improved" else "Worse"
        return f"{word}: {size}; {changed}."
    seen = "" if found.detectable is None else f" {_could_be_seen(found.detectable)}"
    return f"Cannot tell: {size} is within what chance explains; {changed}.{seen}"


def points(value: float) -> str:
    """A difference of shares in points of a hundred, with its sign."""
    return f"{value * 100:+.1f}"


def probability(p: float) -> str:
    if p < SMALLEST_P:
        return f"p < {SMALLEST_P:g}"
    return f"p = {p:.2g}"


def _share(value: float | None) -> str:
    return "-" if value is None else f"{value:.1%}"


def _could_be_seen(detectable: float) -> str:
    return f"So many cases find a true difference of {detectable * 100:.1f} points four times out of five."
