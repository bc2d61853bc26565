"""Answers of the API about agents, written by `python -m tests.benchmark_client.generation`."""

from datetime import datetime

from pydantic import Field, JsonValue

from benchmark_client.models.answer import Answer
from benchmark_client.models.definitions import AgentSpec
from benchmark_client.models.results import ToolCall, Usage


class AgentView(Answer):
    agent_id: str
    name: str
    version: int
    kind: str
    spec: AgentSpec
    created_at: datetime


class Reply(Answer):
    """An agent's complete answer to one question."""

    text: str
    tool_calls: tuple[ToolCall, ...] = ()
    usage: Usage
    model: str | None = None
    finish_reason: str | None = None
    latency_s: float = 0.0
    cost_usd: float | None = None
    response_id: str | None = None
    fingerprint: str | None = None
    metadata: dict[str, JsonValue] = Field(default_factory=dict)
