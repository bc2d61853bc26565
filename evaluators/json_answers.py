"""JSON in a reply: all of it, a fenced block, or what stands between the outermost brackets."""

from collections.abc import Iterator
from typing import Literal, NamedTuple

import orjson
from pydantic import JsonValue

from core.plugins import SettingsPart
from evaluators.extraction import Extraction

FENCE = "```"
DEEPEST = 64
"""Levels of nesting; what is nested deeper is nothing a program could use, and would exhaust one that compares it."""
WITHOUT_THINKING = Extraction(drop_emphasis=False)


class JsonAnswer(NamedTuple):
    value: JsonValue
    text: str


class JsonReading(SettingsPart):
    """Where in a reply the JSON is."""

    source: Literal["anywhere", "whole", "fenced"] = "anywhere"
    """`whole`: the reply is JSON and nothing else; `fenced`: a Markdown code block holds it; `anywhere`: one of these,
    or the text from the first opening to the last closing bracket."""
    occurrence: Literal["first", "last"] = "last"
    """Which of several fenced blocks with JSON counts."""

    def read(self, reply: str) -> JsonAnswer | None:
        """The JSON as RFC 8259 has it (no NaN, no comments); None when there is none, or it is nested too deep."""
        text = WITHOUT_THINKING.prepared(reply).strip()
        for candidate in self._candidates(text):
            try:
                value: JsonValue = orjson.loads(candidate)
            except ValueError:
                continue
            return JsonAnswer(value, candidate) if _flat_enough(value) else None
        return None

    def _candidates(self, text: str) -> Iterator[str]:
        if self.source != "fenced":
            yield text
        if self.source != "whole":
            blocks = _fenced(text)
            yield from blocks if self.occurrence == "first" else reversed(blocks)
        if self.source == "anywhere":
            yield from _bracketed(text)


def _flat_enough(value: JsonValue, levels: int = DEEPEST) -> bool:
    parts = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return levels > 0 and all(_flat_enough(part, levels - 1) for part in parts)


def _fenced(text: str) -> list[str]:
    """What stands between pairs of fences, without the language named behind the first."""
    parts = text.split(FENCE)[1::2]
    return [part.partition("\n")[2] if "\n" in part else part for part in parts]


def _bracketed(text: str) -> Iterator[str]:
    for opening, closing in sorted(("{}", "[]"), key=lambda pair: text.find(pair[0]) % (len(text) + 1)):
        start, end = text.find(opening), text.rfind(closing)
        if 0 <= start < end:
            yield text[start : end + 1]


def same(left: JsonValue, right: JsonValue) -> bool:
    """Equality of JSON values: the order of members does not count, 1 is 1.0, and 1 is not true."""
    match left, right:
        case dict(), dict():
            return left.keys() == right.keys() and all(same(left[key], right[key]) for key in left)
        case list(), list():
            return len(left) == len(right) and all(map(same, left, right))
        case (bool(), _) | (_, bool()):
            return left is right
        case _:
            return left == right
