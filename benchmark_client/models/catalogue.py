"""Answers of the API about catalogue, written by `python -m tests.benchmark_client.generation`."""

from pydantic import JsonValue

from benchmark_client.models.answer import Answer


class KindView(Answer):
    """A plugin."""

    kind: str
    summary: str
    version: str
    simulated: bool
    settings: dict[str, JsonValue]


class Kinds(Answer):
    items: tuple[KindView, ...]
    next_cursor: None = None


class ReadyMade(Answer):
    name: str
    yaml: str


class ReadyMades(Answer):
    items: tuple[ReadyMade, ...]
    next_cursor: None = None
