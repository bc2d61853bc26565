"""Small charts that stand in a row of a table: an interval on a scale, and a bar in parts."""

from collections.abc import Sequence

from markupsafe import Markup

from api.charts.svg import element, line, picture

WIDTH, HEIGHT = 240.0, 22.0
EDGE = 6.0


def interval_mark(
    found: tuple[float, float | None, float | None], span: tuple[float, float], *, tone: str, label: str
) -> Markup:
    """A point with its interval (value, low, high) on a scale over `span`; where that has 0 within, a line there."""

    def place(of: float) -> float:
        share = (min(max(of, span[0]), span[1]) - span[0]) / (span[1] - span[0])
        return EDGE + share * (WIDTH - 2 * EDGE)

    value, low, high = found
    middle = HEIGHT / 2
    parts = [line(EDGE, middle, WIDTH - EDGE, middle, cls="rail")]
    if span[0] < 0 < span[1]:
        parts.append(line(place(0.0), 1, place(0.0), HEIGHT - 1, cls="zero"))
    if low is not None and high is not None:
        parts.append(line(place(low), middle, place(high), middle, cls=f"reach {tone}"))
        parts += [line(place(end), middle - 5, place(end), middle + 5, cls=f"cap {tone}") for end in (low, high)]
    parts.append(element("circle", cx=place(value), cy=middle, r=4.5, cls=f"dot {tone}"))
    return picture(WIDTH, HEIGHT, label, parts, cls="mark")


def parts_bar(parts: Sequence[tuple[str, float]], *, label: str) -> Markup:
    """A bar in parts, each (class, size); of nothing an empty one."""
    total = sum(size for _, size in parts) or 1.0
    drawn: list[Markup] = [element("rect", x=0, y=4, width=WIDTH, height=HEIGHT - 8, cls="rail-box")]
    at = 0.0
    for cls, size in parts:
        width = size / total * WIDTH
        if width > 0:
            drawn.append(element("rect", x=at, y=4, width=width, height=HEIGHT - 8, cls=cls))
        at += width
    return picture(WIDTH, HEIGHT, label, drawn, cls="mark")


def span_of(values: Sequence[float | None]) -> tuple[float, float]:
    """A symmetrical scale around 0 that holds all of these."""
    greatest = max((abs(value) for value in values if value is not None), default=0.0)
    reach = max(greatest * 1.1, 0.01)
    return -reach, reach
