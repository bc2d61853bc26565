"""Requests as values: what to send, whether it may be sent twice, and what the answer to it is."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Final, Generic, TypeVar, cast
from urllib.parse import quote, urlencode

from pydantic_core import to_json

T = TypeVar("T")
KEY: Final = "Idempotency-Key"
CONDITION: Final = "If-Match"
JSON: Final = "application/json"
TRIAL_S: Final = 90.0
"""For the answer of an agent that is tried: the service gives it 60 seconds."""
UPLOAD_S: Final = 600.0


@dataclass(frozen=True)
class Request:
    method: str
    path: str
    """With its variables filled in and quoted."""
    query: tuple[tuple[str, str], ...] = ()
    headers: Mapping[str, str] = field(default_factory=dict[str, str])
    content: bytes | None = None
    timeout_s: float | None = None
    """For an answer that takes longer than usual."""

    @property
    def is_repeatable(self) -> bool:
        """Whether it may be sent again when nobody knows what became of it."""
        return KEY in self.headers or self.method == "GET"

    @property
    def target(self) -> str:
        return f"{self.path}?{urlencode(self.query)}" if self.query else self.path

    def with_headers(self, headers: Mapping[str, str]) -> "Request":
        return replace(self, headers={**self.headers, **headers})

    def asking(self, **query: Any) -> "Request":
        """With these questions besides; one of None is left out, one of several values is repeated."""
        names = set(query)
        kept = tuple((name, value) for name, value in self.query if name not in names)
        return replace(self, query=(*kept, *_pairs(query)))


@dataclass(frozen=True)
class Call(Generic[T]):
    """A request with the type of what it is answered with."""

    request: Request
    answer: type[T]
    """None for an empty answer, str for a text, bytes for a file, else what its JSON is read as."""


def get(path: str, **query: Any) -> Request:
    return Request("GET", path).asking(**query)


def post(path: str, body: Any = None, *, key: str | None = None, **query: Any) -> Request:
    """With a key, its own or a new one, by which the service does it once however often it is sent."""
    return _with_body(_keyed("POST", path, key).asking(**query), body)


def unkeyed(path: str, body: Any, timeout_s: float) -> Request:
    """A POST that the service does each time it gets it, for as long as this takes."""
    return _with_body(Request("POST", path, timeout_s=timeout_s), body)


def put(path: str, body: Any) -> Request:
    """With a key, as `post`: a change of a certain revision would be refused the second time."""
    return _with_body(_keyed("PUT", path), body)


def patch(path: str, body: Any) -> Request:
    """With a key, as `put`."""
    return _with_body(_keyed("PATCH", path), body)


def delete(path: str, **query: Any) -> Request:
    """With a key, as `put`."""
    return _keyed("DELETE", path).asking(**query)


def following(request: Request, revision: int | None) -> Request:
    """Refused (StaleRevision) if the thing is at another revision by then; always done without one."""
    return request if revision is None else request.with_headers({CONDITION: f'"{revision}"'})


def name(text: str) -> str:
    """A name or id as a part of a path; names may hold slashes."""
    return quote(text, safe="/@:+")


def given(**fields: Any) -> dict[str, Any]:
    """A body of those fields that are not None."""
    return {name: value for name, value in fields.items() if value is not None}


def _keyed(method: str, path: str, key: str | None = None) -> Request:
    return Request(method, path, headers={KEY: key or str(uuid.uuid4())})


def _with_body(request: Request, body: Any) -> Request:
    if body is None:
        return request
    content = body.content if isinstance(body, Document) else to_json(body, by_alias=True)
    media_type = body.media_type if isinstance(body, Document) else JSON
    return replace(request, content=content, headers={**request.headers, "Content-Type": media_type})


@dataclass(frozen=True)
class Document:
    """A body that is bytes already."""

    content: bytes
    media_type: str


def _pairs(query: Mapping[str, Any]) -> list[tuple[str, str]]:
    pairs: list[tuple[str, str]] = []
    for label, value in query.items():
        pairs += [(label, _text(each)) for each in _several(value) if each is not None]
    return pairs


def _several(value: object) -> Sequence[object]:
    return cast("Sequence[object]", value) if isinstance(value, list | tuple) else [value]


def _text(value: object) -> str:
    if isinstance(value, datetime):
        return value.isoformat()
    return str(value).lower() if isinstance(value, bool) else str(value)
