"""Where the rows of an eval run come from, what a model is asked about each, and how it is to answer."""

from typing import Annotated, Any, Literal, cast

from pydantic import Field, JsonValue, field_validator

from api.openai_evals.content import Messages, in_metadata
from api.openai_evals.criteria import ReasoningEffort
from api.openai_evals.sent import Sent

ELSEWHERE = (
    "There is no log of completions or responses here that rows could be taken from; give the rows as `file_content` "
    "or `file_id`"
)


class RowContent(Sent):
    item: dict[str, JsonValue]
    sample: dict[str, JsonValue] | None = None


class FileContent(Sent):
    type: Literal["file_content"]
    content: tuple[RowContent, ...] = Field(min_length=1)


class FileId(Sent):
    type: Literal["file_id"]
    id: str


def _here(source: Any) -> Any:
    if isinstance(source, dict) and cast("dict[str, Any]", source).get("type") in ("stored_completions", "responses"):
        raise ValueError(ELSEWHERE)
    return cast("Any", source)


Rows = Annotated[FileContent | FileId, Field(discriminator="type")]


class Source(Sent):
    source: Rows

    @field_validator("source", mode="before")
    @classmethod
    def _is_here(cls, source: Any) -> Any:
        return _here(source)


class JsonlSource(Source):
    """Rows whose answers, if they are about any, are in them."""

    type: Literal["jsonl"]


class Template(Sent):
    type: Literal["template"]
    template: Messages


class ItemReference(Sent):
    type: Literal["item_reference"]
    item_reference: str

    @field_validator("item_reference")
    @classmethod
    def _readable(cls, reference: str) -> str:
        in_metadata(reference)
        return reference


InputMessages = Annotated[Template | ItemReference, Field(discriminator="type")]


class Sampling(Sent):
    temperature: float | None = None
    top_p: float | None = None
    max_completion_tokens: int | None = None
    seed: int | None = None
    reasoning_effort: ReasoningEffort | None = None
    tools: tuple[dict[str, JsonValue], ...] = ()

    @field_validator("tools")
    @classmethod
    def _functions(cls, tools: tuple[dict[str, JsonValue], ...]) -> tuple[dict[str, JsonValue], ...]:
        for tool in tools:
            if tool.get("type", "function") != "function":
                raise ValueError(f"tools are functions here, not {tool.get('type')!r}")
        return tools

    def settings(self) -> dict[str, JsonValue]:
        return self.model_dump(exclude_none=True, include=PLAIN)


PLAIN = {"temperature", "top_p", "max_completion_tokens", "seed", "reasoning_effort"}


class ChatSampling(Sampling):
    response_format: dict[str, JsonValue] | None = None

    def settings(self) -> dict[str, JsonValue]:
        told = super().settings()
        if self.response_format:
            told["extra_body"] = {"response_format": self.response_format}
        return told


class ResponsesSampling(Sampling):
    text: dict[str, JsonValue] | None = None

    def settings(self) -> dict[str, JsonValue]:
        """Without the seed, which the Responses API does not know."""
        told = super().settings()
        told.pop("seed", None)
        if self.text:
            told["extra_body"] = {"text": self.text}
        return {"api": "responses", **told}


class Asking(Source):
    model: str = Field(min_length=1, max_length=200)
    """The name of an agent that is stored here, else a model's name."""
    input_messages: InputMessages


class CompletionsSource(Asking):
    type: Literal["completions"]
    sampling_params: ChatSampling = ChatSampling()


class ResponsesSource(Asking):
    type: Literal["responses"]
    sampling_params: ResponsesSampling = ResponsesSampling()


DataSource = Annotated[JsonlSource | CompletionsSource | ResponsesSource, Field(discriminator="type")]
