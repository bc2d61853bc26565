"""Jinja templates of pages: escaped without exception, nothing undefined, figures written as everywhere."""

from pathlib import Path
from typing import Any, Final, cast

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from api import figures
from api.charts.svg import element, line, series

FILTERS: Final = ("share", "points", "seconds", "dollars", "count", "moment", "readable")
TONES: Final = {
    "passed": "good", "failed": "bad", "inconclusive": "open", "valid": "good", "partial": "open", "invalid": "bad",
    "completed": "good", "cancelled": "open", "paused": "open", "regression": "bad", "no_regression": "good",
}  # fmt: skip
"""The class of a word's chip; its word is always told besides."""


def environment(*folders: Path, **known: Any) -> Environment:
    """Of the templates in these folders, the first one first; all of them see `known`, besides what figures need."""
    made = Environment(
        loader=FileSystemLoader(folders),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    for name in FILTERS:
        made.filters[name] = getattr(figures, name)
    drawn = {"dash": figures.NOT_KNOWN, "tones": TONES, "many": many, "key": _key, "line_key": _line_key}
    cast("dict[str, Any]", made.globals).update(drawn | known)
    return made


def many(number: int, one: str) -> str:
    """`1 agent`, `2 days`, `3 smaller categories`."""
    several = f"{one[:-1]}ies" if one.endswith("y") and one[-2] not in "aeiou" else f"{one}s"
    return f"{number:,} {one if number == 1 else several}"


def _key(cls: str) -> Markup:
    """The colour of a part of a bar."""
    box = element("rect", x=0, y=0, width=24, height=14, cls=cls)
    return element("svg", box, cls="key", viewBox="0 0 24 14", aria_hidden="true")


def _line_key(number: int) -> Markup:
    return element(
        "svg", line(0, 7, 24, 7, cls=f"curve {series(number)}"), cls="key", viewBox="0 0 24 14", aria_hidden="true"
    )
