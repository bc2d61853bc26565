"""Charts with axes: curves of seconds, columns of scores, and quality over cost."""

from collections.abc import Sequence
from typing import NamedTuple

from markupsafe import Markup

from api.charts.axes import Scale, across, scale_of, upwards
from api.charts.svg import element, picture, series, text
from core.reports import Curve, Histogram

WIDTH, HEIGHT = 720.0, 320.0
EARLIEST = 0.05
"""The share of answers that may lie left of the scale."""
LEFT, RIGHT, TOP, BOTTOM = 56.0, 16.0, 12.0, 46.0


def percent(value: float) -> str:
    return f"{value * 100:g} %"


def seconds(value: float) -> str:
    return f"{value * 1000:g} ms" if 0 < value < 0.1 else f"{value:g} s"


def dollars(value: float) -> str:
    return f"${value:.6f}".rstrip("0").rstrip(".")


def latency_curves(curves: Sequence[Curve], numbers: Sequence[int]) -> Markup:
    """Steps: what share of the answers was there after so long. `numbers` are the agents' series."""
    # A few answers that came at once would squeeze all others into a corner of a logarithmic scale.
    shown = [value for curve in curves for value, share in curve.points if share >= EARLIEST]
    x = scale_of(shown, LEFT, WIDTH - RIGHT)
    y = Scale(0.0, 1.0, HEIGHT - BOTTOM, TOP)
    parts = [
        *across(x, TOP, HEIGHT - BOTTOM, seconds, "seconds until the whole answer"),
        *upwards(y, LEFT, WIDTH - RIGHT, percent),
        *(_steps(curve, x, y, number) for curve, number in zip(curves, numbers, strict=True)),
    ]
    medians = ", ".join(f"{curve.agent_id} {seconds(_median(curve))}" for curve in curves)
    return picture(WIDTH, HEIGHT, f"Share of answers that came within so many seconds; medians: {medians}.", parts)


def _steps(curve: Curve, x: Scale, y: Scale, number: int) -> Markup:
    path = f"M{x.place(curve.points[0][0]):.1f} {y.place(0):.1f}"
    for value, share in curve.points:
        path += f"H{x.place(value):.1f}V{y.place(share):.1f}"
    return element("path", d=f"{path}H{x.end:.1f}", cls=f"curve {series(number)}")


def _median(curve: Curve) -> float:
    return next(value for value, share in curve.points if share >= 0.5)


def score_columns(histogram: Histogram, number: int) -> Markup:
    """How many answers have which score."""
    width, height = 360.0, 200.0
    y = scale_of(histogram.counts, height - BOTTOM, TOP, from_zero=True)
    x = Scale(0.0, 1.0, LEFT, width - RIGHT)
    bins = len(histogram.counts)
    columns = [
        element(
            "rect",
            x=x.place(at / bins) + 0.5,
            y=y.place(count),
            width=(x.end - x.start) / bins - 1,
            height=y.place(0) - y.place(count),
            cls=f"fill {series(number)}",
        )
        for at, count in enumerate(histogram.counts)
        if count
    ]
    parts = [
        *across(x, height - BOTTOM, height - BOTTOM, lambda value: f"{value:g}", "score"),
        *upwards(y, LEFT, width - RIGHT, lambda value: f"{value:,.0f}"),
        *columns,
    ]
    label = f"Scores of {histogram.agent_id}: {histogram.n:,} answers over {bins} bins from 0 to 1."
    return picture(width, height, label, parts, cls="chart small")


class Offer(NamedTuple):
    """What an agent gives for its price."""

    agent_id: str
    number: int
    """Of its series."""
    cost: float
    score: float
    low: float | None
    high: float | None
    best: bool
    """Nobody is both better and cheaper."""


def offers_of(agents: Sequence[tuple[str, int, float, float, float | None, float | None]]) -> list[Offer]:
    """From (name, series, cost, score, low, high): who is beaten by nobody in both."""
    return [
        Offer(
            *each,
            best=not any(
                other[2] <= each[2] and other[3] >= each[3] and (other[2], other[3]) != (each[2], each[3])
                for other in agents
            ),
        )
        for each in agents
    ]


def quality_over_cost(offers: Sequence[Offer]) -> Markup:
    """Each agent's score over what an answer costs; the line joins those that nobody beats in both."""
    x = scale_of([offer.cost for offer in offers], LEFT, WIDTH - RIGHT)
    y = Scale(0.0, 1.0, HEIGHT - BOTTOM, TOP)
    front = sorted((offer for offer in offers if offer.best), key=lambda offer: offer.cost)
    steps = "".join(
        f"{'M' if not at else 'H'}{x.place(offer.cost):.1f}{' ' if not at else 'V'}{y.place(offer.score):.1f}"
        for at, offer in enumerate(front)
    )
    parts = [
        *across(x, TOP, HEIGHT - BOTTOM, dollars, "dollars an answer"),
        *upwards(y, LEFT, WIDTH - RIGHT, percent),
        element("path", d=steps, cls="front"),
        *(part for offer in offers for part in _offer(offer, x, y)),
    ]
    best = ", ".join(offer.agent_id for offer in front)
    return picture(WIDTH, HEIGHT, f"Score over cost of an answer; nobody is better and cheaper than: {best}.", parts)


def _offer(offer: Offer, x: Scale, y: Scale) -> list[Markup]:
    at, height = x.place(offer.cost), y.place(offer.score)
    parts: list[Markup] = []
    if offer.low is not None and offer.high is not None:
        ends = f"M{at:.1f} {y.place(offer.low):.1f}V{y.place(offer.high):.1f}"
        parts.append(element("path", d=ends, cls=f"whisker {series(offer.number)}"))
    parts.append(element("circle", cx=at, cy=height, r=5.0, cls=f"fill {series(offer.number)}"))
    late = at > (LEFT + WIDTH) / 2
    shown = offer.agent_id if len(offer.agent_id) <= 28 else f"{offer.agent_id[:27]}…"
    beside = at - 10 if late else at + 10
    return [*parts, text(beside, height - 8, shown, anchor="end" if late else "start", cls="name")]
