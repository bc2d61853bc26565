"""Figures over time: scores of successive runs with their intervals, and sums of days."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final, NamedTuple

from markupsafe import Markup

from api.charts.axes import Scale, scale_of, upwards
from api.charts.plots import dollars, percent
from api.charts.svg import element, line, picture, series, text

WIDTH: Final = 720.0
HEIGHT: Final = 300.0
LEFT, RIGHT, TOP, BOTTOM = 56.0, 16.0, 12.0, 34.0
ROUND: Final = 0.05
DATES: Final = 6
"""Dates that are written below, at most."""


class Point(NamedTuple):
    """One agent's score in one run."""

    place: int
    """The run's, from 0."""
    value: float
    low: float | None
    high: float | None


class Line(NamedTuple):
    """One agent over the runs."""

    name: str
    number: int
    """Of its series."""
    points: Sequence[Point]


def score_trend(lines: Sequence[Line], times: Sequence[datetime]) -> Markup:
    """Scores from 0 to 1 over successive runs, which stand at equal distances: `times` has when each began."""
    found = [point for each in lines for point in each.points]
    ends = [end for point in found for end in (point.value, point.low, point.high) if end is not None]
    low = max(0.0, _down(min(ends)))
    high = min(1.0, -_down(-max(ends)))
    y = Scale(low, high if high > low else low + ROUND, HEIGHT - BOTTOM, TOP)
    parts = [*upwards(y, LEFT, WIDTH - RIGHT, percent), *_dates(times)]
    parts += [part for each in lines for part in _line(each, y, len(times))]
    last = ", ".join(f"{each.name} {each.points[-1].value:.1%}" for each in lines)
    return picture(WIDTH, HEIGHT, f"Scores of {len(times)} runs, the oldest first; the last: {last}.", parts)


def _down(value: float) -> float:
    return ROUND * (value // ROUND)


def _across(place: int, count: int) -> float:
    return LEFT + (WIDTH - LEFT - RIGHT) * (place + 0.5) / count


def _dates(times: Sequence[datetime]) -> list[Markup]:
    step = max(1, -(-len(times) // DATES))
    return [
        text(_across(at, len(times)), HEIGHT - BOTTOM + 20, f"{times[at]:%d %b %H:%M}", anchor="middle")
        for at in range(0, len(times), step)
    ]


def _line(each: Line, y: Scale, count: int) -> list[Markup]:
    # Beside each other, so that equal scores do not hide each other.
    beside = (each.number % 4 - 1.5) * min(8.0, (WIDTH - LEFT - RIGHT) / count / 6)
    places = [(_across(point.place, count) + beside, point) for point in each.points]
    path = "".join(f"{'L' if at else 'M'}{x:.1f} {y.place(point.value):.1f}" for at, (x, point) in enumerate(places))
    parts = [element("path", d=path, cls=f"curve {series(each.number)}")]
    for x, point in places:
        if point.low is not None and point.high is not None:
            parts.append(line(x, y.place(point.low), x, y.place(point.high), cls=f"whisker {series(each.number)}"))
        parts.append(element("circle", cx=x, cy=y.place(point.value), r=3.5, cls=f"fill {series(each.number)}"))
    return parts


def daily_columns(days: Sequence[tuple[datetime, float]]) -> Markup:
    """Dollars of successive days."""
    height = 220.0
    y = scale_of([value for _, value in days], height - BOTTOM, TOP, from_zero=True)
    width = (WIDTH - LEFT - RIGHT) / len(days)
    step = max(1, -(-len(days) // DATES))
    columns = [
        element(
            "rect",
            x=_across(at, len(days)) - min(width * 0.8, 40) / 2,
            y=y.place(value),
            width=min(width * 0.8, 40),
            height=y.place(0) - y.place(value),
            cls="fill s0",
        )
        for at, (_, value) in enumerate(days)
    ]
    below = [
        text(_across(at, len(days)), height - BOTTOM + 20, f"{days[at][0]:%d %b}", anchor="middle")
        for at in range(0, len(days), step)
    ]
    total = sum(value for _, value in days)
    label = f"Dollars of {len(days)} days, {dollars(total)} together."
    return picture(WIDTH, height, label, [*upwards(y, LEFT, WIDTH - RIGHT, dollars), *columns, *below])
