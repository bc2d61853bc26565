"""Data goes to standard output, talk to standard error, so that `--json` can be piped while a person reads along."""

import json
import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rich.console import Console, RenderableType


PLAIN_WIDTH = 140
"""Columns of a table that no terminal bounds: a pipe or a log."""
WIDE = 100
"""Columns from which on a table need not be cramped."""


def talk() -> "Console":
    """The console of standard error. Rich honours NO_COLOR and drops colours where there is no terminal."""
    from rich.console import Console

    return Console(stderr=True, highlight=False, width=None if sys.stderr.isatty() else PLAIN_WIDTH)


def page() -> "Console":
    """The console of standard output."""
    from rich.console import Console

    return Console(highlight=False, width=None if sys.stdout.isatty() else PLAIN_WIDTH)


def say(text: str) -> None:
    """A sentence to the person; never parsed as markup, since it may quote anything."""
    talk().print(text, markup=False, soft_wrap=True)


def show(what: "RenderableType") -> None:
    """Something to read on standard output."""
    page().print(what)


def put_text(text: str) -> None:
    """Text exactly as it is, and a line end."""
    sys.stdout.write(text.rstrip("\n") + "\n")


def put_json(data: Any) -> None:
    """Data for a program: JSON on standard output, as UTF-8 where that can be had."""
    put_text(json.dumps(data, indent=2, ensure_ascii=not (sys.stdout.encoding or "").lower().startswith("utf")))
