"""Bodies, read strictly: what gets past here is plain data that models, templates and PostgreSQL can hold.

Not valid: anything but UTF-8, NaN and infinities, integers over 64 bits, NUL characters, lone surrogates,
nesting over 64 levels.
"""

import asyncio
from collections.abc import Iterator
from typing import Any, cast

import orjson
from starlette.requests import Request

from adapters.definitions.yaml_text import parse as yaml_of
from api.problem_kinds import MALFORMED, TOO_LARGE
from api.problems import ProblemError
from core.errors import InvalidInput
from core.mistakes import pointer

DEEPEST = 64
LARGEST_JSON = 4 * 1024 * 1024
LARGEST_YAML = 256 * 1024
"""Bytes. YAML is for definitions people write, and slow to parse."""
SMALL = 64 * 1024
YAML_DOCUMENT: dict[str, Any] = {
    "requestBody": {
        "content": {"application/yaml": {"schema": {"type": "object", "description": "The same, as YAML."}}}
    }
}
"""`openapi_extra` of a route whose body may be YAML."""
YAML_TYPES = ("application/yaml", "application/x-yaml", "text/yaml", "text/x-yaml")


class StrictRequest(Request):
    """A request whose `json()` is strict, and takes YAML where the content type says so."""

    async def json(self) -> Any:
        if not hasattr(self, "_document"):
            self._document = await self._parsed(await self.body())
        return self._document

    async def _parsed(self, body: bytes) -> object:
        as_yaml = self.scope.get("document") == "yaml"
        parse = parse_yaml if as_yaml else parse_json
        if len(body) > (LARGEST_YAML if as_yaml else LARGEST_JSON):
            raise ProblemError(
                TOO_LARGE,
                f"JSON is taken up to {LARGEST_JSON} bytes, YAML up to {LARGEST_YAML}; upload data as a dataset.",
            )
        # Large documents must not keep other requests waiting.
        return parse(body) if len(body) < SMALL and not as_yaml else await asyncio.to_thread(parse, body)


def media_type(request: Request) -> str:
    return request.headers.get("content-type", "").partition(";")[0].strip().lower()


def parse_json(body: bytes) -> object:
    """Raises ProblemError (400) that says where."""
    try:
        document: object = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise _malformed(f"Line {error.lineno}, column {error.colno}: {error.msg}.") from error
    check(document)
    return document


def parse_yaml(body: bytes) -> object:
    """Raises ProblemError (400) that says where."""
    try:
        document: object = yaml_of(body.decode(), source="The body").value
    except UnicodeDecodeError as error:
        raise _malformed("The body is not valid UTF-8.") from error
    except InvalidInput as error:
        raise _malformed(str(error)) from error
    except ValueError as error:
        raise _malformed("A number has more digits than any number needs.") from error
    check(document)
    return document


def check(document: object) -> None:
    """Raises ProblemError (400) for a value that JSON or PostgreSQL cannot hold."""
    open_: list[tuple[object, tuple[str | int, ...]]] = [(document, ())]
    while open_:
        value, path = open_.pop()
        if (wrong := _wrong(value)) is not None:
            raise _malformed(f"At {pointer(path)!r}: {wrong}.")
        if isinstance(value, dict | list):
            if len(path) >= DEEPEST:
                raise _malformed(f"The document nests deeper than {DEEPEST} levels.")
            open_.extend((inner, (*path, step)) for step, inner in _children(cast("object", value)))


def _children(value: object) -> Iterator[tuple[str | int, object]]:
    if isinstance(value, list):
        yield from enumerate(cast("list[object]", value))
        return
    for key, inner in cast("dict[object, object]", value).items():
        if not isinstance(key, str):
            raise _malformed(f"The key {key!r} is no text; put it in quotes.")
        if (wrong := _wrong(key)) is not None:
            raise _malformed(f"A key: {wrong}.")
        yield key, inner


def _wrong(value: object) -> str | None:
    match value:
        case None | bool() | list() | dict():
            return None
        case str():
            if "\x00" in value:
                return "a text holds the character NUL (\\u0000), which no text may hold"
            return None if value.isascii() or _encodes(value) else "a text holds half a surrogate pair"
        case int():
            return None if -(2**63) <= value < 2**63 else "an integer does not fit 64 bits"
        case float():
            # orjson reads integers over 64 bits as floats: from there on no float is an exact integer anyway.
            if value != value or value in (float("inf"), float("-inf")):
                return "a number is not finite"
            return "a number is out of bounds" if abs(value) >= 2**63 and value.is_integer() else None
        case _:
            return f"a {type(value).__name__} is no JSON value"


def _encodes(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _malformed(detail: str) -> ProblemError:
    return ProblemError(MALFORMED, detail)
