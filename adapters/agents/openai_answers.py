"""What OpenAI's two APIs, and the servers that imitate them, send back: the fields we rely on, and nothing more.

An answer without text is what it says it is:

* a `refusal` is the model's answer, its text is the refusal and `finish_reason` is `refusal`;
* `length` with no text is an answer that never came to the point: empty, `finish_reason` tells why;
* no text at all and a normal end is an empty answer;
* calls of the question's tools are an answer, with text or without;
* a content filter, or a tool call where the question had no tools, is no answer, and an error.
"""

from pydantic import Field, JsonValue

from adapters.agents.endpoint import Heard
from adapters.agents.tools import Toolbox
from adapters.agents.wire import Answer, Wire, bad, read
from core.cases import Reply, ToolCall, Usage
from core.errors import AgentRefused


class Part(Wire):
    type: str = "text"
    text: str | None = None
    refusal: str | None = None


class Function(Wire):
    name: str
    arguments: str | dict[str, JsonValue] = ""


class ChatCall(Wire):
    function: Function | None = None
    """None for a kind of tool that is no function."""


class ChatMessage(Wire):
    content: str | tuple[Part, ...] | None = None
    refusal: str | None = None
    tool_calls: tuple[ChatCall, ...] | None = None

    @property
    def text(self) -> str:
        if isinstance(self.content, tuple):
            return "".join(part.text or "" for part in self.content if part.type in {"text", "output_text"})
        return self.content or ""

    def calls(self, tools: Toolbox) -> tuple[ToolCall, ...]:
        functions = [each.function for each in self.tool_calls or () if each.function]
        return tuple(tools.call(each.name, each.arguments) for each in functions) if tools else ()


class Choice(Wire):
    message: ChatMessage
    finish_reason: str | None = None


class TokenDetails(Wire):
    cached_tokens: int | None = None
    reasoning_tokens: int | None = None


class ChatUsage(Wire):
    prompt_tokens: int | None = Field(default=None, ge=0)
    completion_tokens: int | None = Field(default=None, ge=0)
    prompt_tokens_details: TokenDetails | None = None
    completion_tokens_details: TokenDetails | None = None

    def counted(self) -> Usage:
        return Usage(
            input_tokens=self.prompt_tokens,
            output_tokens=self.completion_tokens,
            cached_input_tokens=self.prompt_tokens_details and self.prompt_tokens_details.cached_tokens,
            reasoning_tokens=self.completion_tokens_details and self.completion_tokens_details.reasoning_tokens,
        )


class ChatAnswer(Answer):
    choices: tuple[Choice, ...] = ()
    id: str | None = None
    model: str | None = None
    system_fingerprint: str | None = None
    usage: ChatUsage | None = None


class OutputItem(Wire):
    type: str
    content: tuple[Part, ...] | None = None
    name: str | None = None
    arguments: str | dict[str, JsonValue] | None = None
    """Of a `function_call`."""


class Incomplete(Wire):
    reason: str | None = None


class ResponsesUsage(Wire):
    input_tokens: int | None = Field(default=None, ge=0)
    output_tokens: int | None = Field(default=None, ge=0)
    input_tokens_details: TokenDetails | None = None
    output_tokens_details: TokenDetails | None = None

    def counted(self) -> Usage:
        return Usage(
            input_tokens=self.input_tokens,
            output_tokens=self.output_tokens,
            cached_input_tokens=self.input_tokens_details and self.input_tokens_details.cached_tokens,
            reasoning_tokens=self.output_tokens_details and self.output_tokens_details.reasoning_tokens,
        )


class ResponsesAnswer(Answer):
    output: tuple[OutputItem, ...] | None = None
    status: str | None = None
    id: str | None = None
    model: str | None = None
    incomplete_details: Incomplete | None = None
    usage: ResponsesUsage | None = None

    @property
    def parts(self) -> list[Part]:
        return [part for item in self.output or () if item.type == "message" for part in item.content or ()]

    def calls(self, tools: Toolbox) -> tuple[ToolCall, ...]:
        called = [item for item in self.output or () if item.type == "function_call" and item.name]
        return tuple(tools.call(item.name or "", item.arguments or "") for item in called) if tools else ()


def chat_reply(heard: Heard, tools: Toolbox) -> Reply:
    """`tools` are those of the question. Raises BadAnswer, AgentRefused, Unavailable."""
    answer = read(ChatAnswer, heard)
    if not answer.choices:
        raise bad("The answer has no `choices`.", heard)
    choice = answer.choices[0]
    text, finish = choice.message.text, choice.finish_reason
    if choice.message.refusal and not text:
        text, finish = choice.message.refusal, "refusal"
    if finish == "content_filter":
        raise AgentRefused("The provider's content filter held the answer back.")
    calls = choice.message.calls(tools)
    if not text and not calls and choice.message.tool_calls:
        raise bad("The model called a tool instead of answering.", heard)
    return Reply(
        text=text,
        tool_calls=calls,
        usage=answer.usage.counted() if answer.usage else Usage(),
        model=answer.model,
        finish_reason=finish,
        latency_s=heard.latency_s,
        response_id=answer.id,
        fingerprint=answer.system_fingerprint,
    )


def responses_reply(heard: Heard, tools: Toolbox) -> Reply:
    """`tools` are those of the question. Raises BadAnswer, AgentRefused, Unavailable."""
    answer = read(ResponsesAnswer, heard)
    if answer.output is None:
        raise bad("The answer has no `output`.", heard)
    text = "".join(part.text or "" for part in answer.parts if part.type == "output_text")
    refusal = "".join(part.refusal or "" for part in answer.parts if part.type == "refusal")
    finish = _finish(answer)
    if refusal and not text:
        text, finish = refusal, "refusal"
    if finish == "content_filter":
        raise AgentRefused("The provider's content filter held the answer back.")
    calls = answer.calls(tools)
    if not text and not calls and any(item.type.endswith("_call") for item in answer.output):
        raise bad("The model called a tool instead of answering.", heard)
    return Reply(
        text=text,
        tool_calls=calls,
        usage=answer.usage.counted() if answer.usage else Usage(),
        model=answer.model,
        finish_reason=finish,
        latency_s=heard.latency_s,
        response_id=answer.id,
    )


def _finish(answer: ResponsesAnswer) -> str | None:
    """The Responses API's status in the words of chat completions."""
    if answer.status == "incomplete" and answer.incomplete_details is not None:
        reason = answer.incomplete_details.reason
        return "length" if reason == "max_output_tokens" else reason
    return "stop" if answer.status == "completed" else answer.status
