"""What Anthropic's Messages API sends back: the fields we rely on, and nothing more."""

from pydantic import Field, JsonValue

from adapters.agents.endpoint import Heard
from adapters.agents.tools import Toolbox
from adapters.agents.wire import Answer, Wire, bad, read
from core.cases import Reply, Usage

FINISH = {
    "end_turn": "stop",
    "stop_sequence": "stop",
    "max_tokens": "length",
    "model_context_window_exceeded": "length",
    "tool_use": "tool_calls",
}
"""The API's reasons in the words of chat completions, so that agents can be compared. The others stay."""


class Block(Wire):
    type: str
    text: str | None = None
    name: str | None = None
    input: JsonValue = None
    """The arguments of a `tool_use`."""


class OutputDetails(Wire):
    thinking_tokens: int | None = None


class MessageUsage(Wire):
    input_tokens: int | None = Field(default=None, ge=0)
    output_tokens: int | None = Field(default=None, ge=0)
    cache_read_input_tokens: int | None = Field(default=None, ge=0)
    cache_creation_input_tokens: int | None = Field(default=None, ge=0)
    output_tokens_details: OutputDetails | None = None

    def counted(self) -> Usage:
        """Anthropic counts cached input apart; ours is the whole input, the cached a part of it."""
        cached = self.cache_read_input_tokens
        apart = (cached or 0) + (self.cache_creation_input_tokens or 0)
        return Usage(
            input_tokens=None if self.input_tokens is None else self.input_tokens + apart,
            output_tokens=self.output_tokens,
            cached_input_tokens=cached,
            reasoning_tokens=self.output_tokens_details and self.output_tokens_details.thinking_tokens,
        )


class MessageAnswer(Answer):
    content: tuple[Block, ...] | None = None
    id: str | None = None
    model: str | None = None
    stop_reason: str | None = None
    usage: MessageUsage | None = None


def message_reply(heard: Heard, tools: Toolbox) -> Reply:
    """The text of all text blocks and the calls of the question's tools. A refusal is an answer, a tool call where the
    question had none is no answer.

    Raises BadAnswer, Unavailable.
    """
    answer = read(MessageAnswer, heard)
    if answer.content is None:
        raise bad("The answer has no `content`.", heard)
    text = "".join(block.text or "" for block in answer.content if block.type == "text")
    called = [block for block in answer.content if block.type == "tool_use" and block.name]
    calls = tuple(tools.call(block.name or "", block.input) for block in called) if tools else ()
    if not text and not calls and answer.stop_reason in {"tool_use", "pause_turn"}:
        raise bad("The model called a tool instead of answering.", heard)
    return Reply(
        text=text,
        tool_calls=calls,
        usage=answer.usage.counted() if answer.usage else Usage(),
        model=answer.model,
        finish_reason=FINISH.get(answer.stop_reason or "", answer.stop_reason),
        latency_s=heard.latency_s,
        response_id=answer.id,
    )
