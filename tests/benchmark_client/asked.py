"""What every verb of the client asks for when all its arguments are told, set beside the API's description."""

import inspect
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Final, cast

from benchmark_client.client import AsyncClient, Client
from benchmark_client.nouns.noun import Noun
from benchmark_client.patience import Patience
from benchmark_client.requests import Call, Request
from benchmark_client.series import Series
from benchmark_client.steps import Flow, Send
from benchmark_client.verbs import ListVerb, Verb
from tests.benchmark_client.generation import description, operations

ANYWHERE: Final = "http://127.0.0.1:9"
MADE_OF_OTHERS: Final = {"runs.wait"}
SPELLED_OUT: Final = {"name": "lab"}
VALUES: Final[Mapping[str, Any]] = {
    "definition": SPELLED_OUT,
    "request": SPELLED_OUT,
    "changes": SPELLED_OUT,
    "policy": SPELLED_OUT,
    "schedule": "nightly",
    "benchmark": "gsm8k",
    "evaluators": [{"kind": "exact"}],
    "file": None,
    "revision": 3,
    "correct": True,
    "types": ["run.queued"],
    "after": 0,
    "require": ["postgres"],
}
CERTAIN: Final[Mapping[str, Mapping[str, Any]]] = {
    "agents.create": {"agent": SPELLED_OUT},
    "schedules.create": {"schedule": SPELLED_OUT},
    "datasets.upload": {"file": b"rows"},
    "baselines.set": {"baseline": {"kind": "last_good"}},
    "api_keys.change": {"changes": {"name": "lab"}},
    "webhooks.change": {"changes": {"enabled": True}},
}
"""Arguments whose name means something else elsewhere."""
FURTHER: Final[Mapping[str, Mapping[str, Any]]] = {"agents.try_out": {"agent": SPELLED_OUT}}
"""Other arguments of verbs that ask for one thing or another."""


@dataclass(frozen=True)
class Asked:
    verb: str
    request: Request
    answer: object
    """None for a verb that looks at the answer itself."""
    operation: Mapping[str, Any]

    def __str__(self) -> str:
        return f"{self.verb} {self.request.path}"


class _Untried:
    """Stands for the port of a client whose patience nobody will try."""

    patience = Patience()


class _Patient:
    """Stands for a noun of that client."""

    _port = _Untried()


@cache
def document() -> dict[str, Any]:
    return description()


def nouns(client: Client | AsyncClient) -> dict[str, type[object]]:
    return {name: type(cast("object", noun)) for name, noun in vars(client).items() if isinstance(noun, Noun)}


def names() -> dict[str, Verb[..., Any] | ListVerb[..., Any]]:
    """All verbs by noun and name."""
    with Client(ANYWHERE) as client:
        told = nouns(client)
    return {
        f"{name}.{verb}": found
        for name, noun in told.items()
        for verb in dir(noun)
        if isinstance(found := inspect.getattr_static(noun, verb), Verb | ListVerb)
    }


@cache
def everything() -> tuple[Asked, ...]:
    return tuple(_everything())


def _everything() -> Iterator[Asked]:
    for name, verb in names().items():
        if name not in MADE_OF_OTHERS:
            yield _asked(name, verb, {})
        if name in FURTHER:
            yield _asked(name, verb, FURTHER[name])


def _asked(name: str, verb: Verb[..., Any] | ListVerb[..., Any], changes: Mapping[str, Any]) -> Asked:
    parameters = list(inspect.signature(verb.describe).parameters)[1:]
    arguments = {each: VALUES.get(each, "x") for each in parameters} | dict(CERTAIN.get(name, {})) | dict(changes)
    if {"definition", "benchmark"} <= set(arguments):
        del arguments["definition"]
    if "most" in arguments:
        arguments["most"] = 5
    request, answer = _first(verb.describe(_Patient(), **arguments))
    return Asked(name, request, answer, _operation(request))


def _first(said: Call[Any] | Series[Any] | Flow[Any]) -> tuple[Request, object]:
    if isinstance(said, Series):
        said = said.first
    if isinstance(said, Call):
        return said.request, cast("object", said.answer)
    step = next(said)
    assert isinstance(step, Send)
    return step.request, None


def _operation(request: Request) -> Mapping[str, Any]:
    """The one whose path has most words of its own. Raises LookupError."""
    fitting = [
        (path.count("{"), -len(path), operation)
        for method, path, operation in operations(document())
        if method == request.method and re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", path), request.path)
    ]
    if not fitting:
        raise LookupError(f"The API has no {request.method} {request.path}.")
    return min(fitting, key=lambda each: each[:2])[2]
