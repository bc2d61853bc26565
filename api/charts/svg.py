"""SVG as text: elements whose contents are escaped, and the picture around them."""

from collections.abc import Iterable
from typing import Final

from markupsafe import Markup, escape

SERIES: Final = 8
"""Classes `s0` to `s7` that a style sheet gives colours; later series take them again, with other dashes."""
Told = str | int | float


def element(name: str, content: str = "", /, **attributes: Told) -> Markup:
    """`cls` is the class; underscores become hyphens. Numbers are rounded to hundredths."""
    told = "".join(
        f' {"class" if key == "cls" else key.replace("_", "-")}="{escape(_number(value))}"'
        for key, value in attributes.items()
    )
    # The name is ours, and so are those of the attributes.
    return Markup(f"<{name}{told}>{escape(content)}</{name}>")


def picture(width: float, height: float, label: str, parts: Iterable[Markup], *, cls: str = "chart") -> Markup:
    """`label` is what a screen reader says in the place of the picture."""
    return element(
        "svg",
        Markup("").join(parts),
        cls=cls,
        viewBox=f"0 0 {_number(width)} {_number(height)}",
        role="img",
        aria_label=label,
    )


def text(x: float, y: float, said: str, *, anchor: str = "start", cls: str = "tick") -> Markup:
    return element("text", said, x=x, y=y, text_anchor=anchor, cls=cls)


def line(x1: float, y1: float, x2: float, y2: float, *, cls: str) -> Markup:
    return element("line", x1=x1, y1=y1, x2=x2, y2=y2, cls=cls)


def series(number: int) -> str:
    """The classes of a series: a colour, and dashes that tell those of one colour apart."""
    return f"s{number % SERIES} d{number // SERIES % 4}"


def _number(value: Told) -> str:
    return f"{value:.2f}".rstrip("0").rstrip(".") if isinstance(value, float) else str(value)
