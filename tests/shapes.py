"""The JSON in which OpenAI (chat, responses), Anthropic and a plain HTTP service wrap an answer."""

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Says:
    """An answer, in the shape of the path that was asked."""

    text: str | None
    finish: str | None = None
    """The provider's own word; by default that of an answer which is complete."""
    input_tokens: int = 10
    output_tokens: int = 5
    latency_s: float = 0.0
    model: str | None = None
    """The model that served; by default the one asked for."""
    message: dict[str, Any] = field(default_factory=dict[str, Any])
    """Laid over the OpenAI message or the Anthropic and Responses body, e.g. `refusal` or `tool_calls`."""


def shaped(path: str, model: str, says: Says, response_id: str) -> dict[str, Any]:
    """The answer's JSON in the shape of this path's vendor."""
    served = says.model or model
    if path.endswith("/chat/completions"):
        return _chat(served, says, response_id)
    if path.endswith("/responses"):
        return _responses(served, says, response_id)
    if path.endswith("/messages"):
        return _messages(served, says, response_id)
    return {"answer": says.text, "model": served, "usage": {"in": says.input_tokens, "out": says.output_tokens}}


def _chat(model: str, says: Says, response_id: str) -> dict[str, Any]:
    message = {"role": "assistant", "content": says.text, "refusal": None} | says.message
    return {
        "id": response_id,
        "object": "chat.completion",
        "created": 1,
        "model": model,
        "system_fingerprint": "fp-1",
        "choices": [{"index": 0, "message": message, "logprobs": None, "finish_reason": says.finish or "stop"}],
        "usage": {
            "prompt_tokens": says.input_tokens,
            "completion_tokens": says.output_tokens,
            "total_tokens": says.input_tokens + says.output_tokens,
            "prompt_tokens_details": {"cached_tokens": 3},
            "completion_tokens_details": {"reasoning_tokens": 2},
        },
    }


def _responses(model: str, says: Says, response_id: str) -> dict[str, Any]:
    content: list[dict[str, Any]] = [{"type": "output_text", "text": says.text, "annotations": []}]
    return {
        "id": response_id,
        "object": "response",
        "created_at": 1,
        "model": model,
        "status": says.finish or "completed",
        "output": [
            {"type": "reasoning", "id": "rs-1"},
            {"type": "message", "id": "m-1", "role": "assistant", "status": "completed", "content": content},
        ],
        "usage": {
            "input_tokens": says.input_tokens,
            "input_tokens_details": {"cached_tokens": 3},
            "output_tokens": says.output_tokens,
            "output_tokens_details": {"reasoning_tokens": 2},
            "total_tokens": says.input_tokens + says.output_tokens,
        },
    } | says.message


def _messages(model: str, says: Says, response_id: str) -> dict[str, Any]:
    return {
        "id": response_id,
        "type": "message",
        "role": "assistant",
        "model": model,
        "content": [{"type": "text", "text": says.text}],
        "stop_reason": says.finish or "end_turn",
        "stop_sequence": None,
        "usage": {
            "input_tokens": says.input_tokens,
            "output_tokens": says.output_tokens,
            "cache_read_input_tokens": 3,
            "cache_creation_input_tokens": 0,
        },
    } | says.message
