"""Answers of the API about service, written by `python -m tests.benchmark_client.generation`."""

from benchmark_client.models.answer import Answer


class Health(Answer):
    status: str = "ok"


class PartState(Answer):
    ok: bool
    detail: str | None = None
    milliseconds: float


class Readiness(Answer):
    ready: bool
    parts: dict[str, PartState]


class VersionView(Answer):
    name: str = "ai-benchmark-service"
    version: str
    python: str
    api: str = "v1"
