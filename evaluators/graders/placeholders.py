"""Texts with `{{ item.question }}` and `{{ sample.output_text }}` in them: names and places, and nothing that acts."""

import json
import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Final, cast

from pydantic import JsonValue

NAMESPACES: Final = ("item", "sample")
PLACE: Final = re.compile(r"\{\{(.*?)\}\}", re.DOTALL)
STEP: Final = re.compile(
    r"""\.\s*(?P<name>[^\s.\[\]{}"']+)|\[\s*(?P<number>-?\d+)\s*\]|\[\s*(?P<quote>["'])(?P<key>.*?)(?P=quote)\s*\]"""
)
ROOT: Final = re.compile(r"\s*(?P<root>\w+)")

Path = tuple[str | int, ...]
"""`("item", "choices", 0)`."""
Values = Mapping[str, JsonValue]


class Nowhere(ValueError):
    """A place that cannot be read, or that the values do not have. The text is a sentence."""


@lru_cache(maxsize=1024)
def parts_of(source: str) -> tuple[str | Path, ...]:
    """The literal texts and the places of a template, in order. Raises Nowhere for a place that cannot be read."""
    return tuple(_parts(source))


def rendered(source: str, values: Values) -> str:
    """The text with its places filled in: texts as they are, everything else as JSON. Raises Nowhere."""
    return "".join(part if isinstance(part, str) else _text(value_at(part, values)) for part in parts_of(source))


def value_at(path: Path, values: Values) -> JsonValue:
    """Raises Nowhere, saying how far the path leads."""
    place: JsonValue = dict(values)
    for at, step in enumerate(path):
        try:
            match place:
                case dict():
                    place = place[str(step)]
                case list():
                    place = place[int(step)]
                case _:
                    raise KeyError(step)
        except (KeyError, IndexError, ValueError) as error:
            raise Nowhere(f"There is no {_written(path[: at + 1])} here for {{{{ {_written(path)} }}}}.") from error
    return place


def _parts(source: str) -> Iterator[str | Path]:
    end = 0
    for found in PLACE.finditer(source):
        if literal := source[end : found.start()]:
            yield literal
        yield _path(found[1])
        end = found.end()
    if literal := source[end:]:
        yield literal


def _path(said: str) -> Path:
    root = ROOT.match(said)
    if root is None or root["root"] not in NAMESPACES:
        raise Nowhere(f"{{{{{said}}}}} names nothing that is known here: a place begins with `item` or `sample`.")
    steps: list[str | int] = [root["root"]]
    at = root.end()
    while rest := said[at:].strip():
        at = len(said) - len(said[at:].lstrip())
        step = STEP.match(said, at)
        if step is None:
            raise Nowhere(f"{{{{{said}}}}} cannot be read at {rest!r}; write `item.name`, `item.list[0]` or the like.")
        steps.append(int(step["number"]) if step["number"] else step["name"] or step["key"])
        at = step.end()
    return tuple(steps)


def _written(path: Path) -> str:
    first, *rest = path
    return str(first) + "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in rest)


def _text(value: JsonValue) -> str:
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(cast("object", value), ensure_ascii=False)
