"""What is asked and what comes back: cases, questions, replies, and the tools an agent may call."""

from typing import Literal

from pydantic import Field, JsonValue

from core.model import Model


class Tool(Model):
    """Something the agent may call instead of answering, or before it does."""

    name: str
    description: str = ""
    parameters: dict[str, JsonValue] = Field(default_factory=dict[str, JsonValue])
    """JSON Schema of its arguments, an object; types may go by the names of Python or Java (`dict`, `float`)."""


class ToolCall(Model):
    """A call the agent made. Nothing runs it: that it was made, and how, is the answer."""

    name: str
    """As the question named the tool."""
    arguments: JsonValue
    """An object of the arguments by name; a text where the agent wrote what is no JSON."""


class Case(Model):
    """One row of a dataset after mapping: what to ask and what is right."""

    id: str
    input: str
    expected: str | None = None
    choices: tuple[str, ...] = ()
    """The options of a multiple-choice case; the first is choice A."""
    category: str | None = None
    cluster: str | None = None
    """What it shares with other cases, such as the passage they are about: they are alike, and intervals count them as
    one draw. None: the case stands alone."""
    tools: tuple[Tool, ...] = ()
    """What the agent may call."""
    metadata: dict[str, JsonValue] = Field(default_factory=dict[str, JsonValue])


class Message(Model):
    role: Literal["system", "user", "assistant"]
    content: str


class Question(Model):
    """A case as one agent sees it: rendered messages, never the expected answer (but for simulators)."""

    case_id: str
    messages: tuple[Message, ...]
    trial: int = 0
    """Counts from 0."""
    tools: tuple[Tool, ...] = ()
    """What may be called. Agents without a notion of tools do not see them."""
    reply_schema: dict[str, JsonValue] | None = None
    """JSON Schema that the reply must follow. Agents without a notion of schemas do not see it."""
    expected: str | None = None
    """Filled for plugins that declare themselves `simulated`, None for all others."""

    @property
    def text(self) -> str:
        """The last user message: what an agent without a notion of roles is asked."""
        return next((m.content for m in reversed(self.messages) if m.role == "user"), "")


class Usage(Model):
    """Tokens as the provider counted them; None where it did not say."""

    input_tokens: int | None = None
    output_tokens: int | None = None
    cached_input_tokens: int | None = None
    reasoning_tokens: int | None = None


class Reply(Model):
    """An agent's complete answer to one question."""

    text: str
    tool_calls: tuple[ToolCall, ...] = ()
    """In the order the agent made them; only where the question had tools."""
    usage: Usage = Usage()
    model: str | None = None
    """The model that served the request, by the provider's own name."""
    finish_reason: str | None = None
    latency_s: float = 0.0
    """Seconds from sending the request to having the whole answer; waiting in our queue is not in it."""
    cost_usd: float | None = None
    """None when the price is unknown, which is not the same as free."""
    response_id: str | None = None
    fingerprint: str | None = None
    metadata: dict[str, JsonValue] = Field(default_factory=dict[str, JsonValue])
