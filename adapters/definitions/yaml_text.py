"""YAML into plain values that remember their lines.

The core schema of YAML 1.2, so that `no`, `on`, `12:30` and `2026-11-23` stay text; a key given twice is refused, and
aliases (`*name`) may not multiply a small file into a large one.
"""

import re
from collections.abc import Iterator
from typing import Any, NamedTuple

import yaml

from core.errors import InvalidInput

LONGEST = 4 * 1024**2
"""Characters of a file."""
MOST_VALUES = 500_000
MOST_CHARACTERS = 4 * LONGEST
"""What a file may grow to by its aliases."""
DEEPEST = 60

Lines = dict[str, int]
"""The line of every value, by its JSON pointer; counts from 1."""


class Parsed(NamedTuple):
    value: Any
    lines: Lines


class _Loader(yaml.SafeLoader):
    """Resolves plain text as YAML 1.2 does."""

    yaml_implicit_resolvers: dict[str, list[tuple[str, re.Pattern[str]]]] = {}  # noqa: RUF012


for _tag, _pattern, _first in (
    ("null", r"~|null|Null|NULL|", "~nN\0"),
    ("bool", r"true|True|TRUE|false|False|FALSE", "tTfF"),
    ("int", r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+", "-+0123456789"),
    ("float", r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?", "-+.0123456789"),
    ("merge", r"<<", "<"),
):
    _Loader.add_implicit_resolver(  # pyright: ignore[reportUnknownMemberType]
        f"tag:yaml.org,2002:{_tag}", re.compile(rf"(?:{_pattern})\Z"), [c if c != "\0" else "" for c in _first]
    )


def parse(text: str, *, source: str) -> Parsed:
    """Raises InvalidInput, naming the line, for what is no YAML (or JSON, which is YAML too)."""
    if len(text) > LONGEST:
        raise InvalidInput(f"{source} has more than {LONGEST // 1024**2} MiB; put large datasets into their own files.")
    # YAML knows no tabs between values, JSON has them, and inside JSON's text they are written \\t.
    text = text.replace("\t", " ") if text.lstrip().startswith("{") else text
    try:
        node = yaml.compose(text, _Loader)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise InvalidInput(f"{source}, line {line}: this is no YAML: {error.problem or error.context}.") from error
    except (yaml.YAMLError, RecursionError) as error:
        raise InvalidInput(f"{source} is no YAML: {error}.") from error
    if node is None:
        raise InvalidInput(f"{source} is empty.")
    return _Reader(source).read(node)


class _Size(NamedTuple):
    values: int
    characters: int


_UNSEEN = _Size(-1, -1)


def _children(node: yaml.Node) -> Iterator[yaml.Node]:
    match node:
        case yaml.SequenceNode():
            yield from node.value
        case yaml.MappingNode():
            for key, value in node.value:
                yield key
                yield value
        case _:
            return


class _Reader:
    def __init__(self, source: str) -> None:
        self._source = source
        self._lines: Lines = {}
        self._sizes: dict[int, _Size | None] = {}

    def read(self, node: yaml.Node) -> Parsed:
        self._measure(node)
        return Parsed(self._value(node, "", 0), self._lines)

    def _measure(self, node: yaml.Node) -> "_Size":
        """What the node grows to with its aliases followed, each node looked at once: before anything is built."""
        known = self._sizes.get(id(node), _UNSEEN)
        if known is None:
            raise self._wrong(node, "an alias contains itself")
        if known is not _UNSEEN:
            return known
        self._sizes[id(node)] = None
        values, characters = 1, len(node.value) if isinstance(node, yaml.ScalarNode) else 0
        for child in _children(node):
            inner = self._measure(child)
            values, characters = values + inner.values, characters + inner.characters
        if values > MOST_VALUES or characters > MOST_CHARACTERS:
            raise self._wrong(node, "it holds too much, or its aliases multiply it")
        size = self._sizes[id(node)] = _Size(values, characters)
        return size

    def _value(self, node: yaml.Node, pointer: str, depth: int) -> Any:
        if depth > DEEPEST:
            raise self._wrong(node, f"it nests deeper than {DEEPEST} levels")
        self._lines.setdefault(pointer, node.start_mark.line + 1)
        match node:
            case yaml.ScalarNode():
                return self._scalar(node)
            case yaml.SequenceNode():
                return [self._value(item, f"{pointer}/{at}", depth + 1) for at, item in enumerate(node.value)]
            case yaml.MappingNode():
                return self._mapping(node, pointer, depth)
            case _:
                raise self._wrong(node, "this kind of value is not used here")

    def _mapping(self, node: yaml.MappingNode, pointer: str, depth: int) -> dict[str, Any]:
        found: dict[str, Any] = {}
        merged: dict[str, Any] = {}
        for key, value in node.value:
            if not isinstance(key, yaml.ScalarNode):
                raise self._wrong(key, "a key must be plain text")
            name = str(key.value)
            if key.tag.endswith(":merge"):
                merged |= self._merged(value, pointer, depth)
                continue
            if name in found:
                raise self._wrong(key, f"the key {name!r} is given twice")
            below = f"{pointer}/{escaped(name)}"
            self._lines[below] = key.start_mark.line + 1
            found[name] = self._value(value, below, depth + 1)
        return merged | found

    def _merged(self, node: yaml.Node, pointer: str, depth: int) -> dict[str, Any]:
        if not isinstance(node, yaml.MappingNode):
            raise self._wrong(node, "<< takes an alias of a mapping")
        return self._mapping(node, pointer, depth + 1)

    def _scalar(self, node: yaml.ScalarNode) -> Any:
        text = str(node.value)
        match node.tag.rpartition(":")[2]:
            case "str":
                return text
            case "null":
                return None
            case "bool":
                return text.lower() == "true"
            case "int":
                return int(text, 0) if text[:2] in {"0o", "0x"} else int(text)
            case "float":
                return float(text)
            case other:
                raise self._wrong(node, f"values of the type {other!r} are not used here")

    def _wrong(self, node: yaml.Node, reason: str) -> InvalidInput:
        return InvalidInput(f"{self._source}, line {node.start_mark.line + 1}: {reason}.")


def escaped(name: str) -> str:
    """A key as a part of a JSON pointer (RFC 6901)."""
    return name.replace("~", "~0").replace("/", "~1")
