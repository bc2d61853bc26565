"""Any agent behind an HTTP endpoint: a request made from a template, an answer found by its path."""

import asyncio
import re
from base64 import b64encode
from collections.abc import Mapping
from typing import Literal, cast

from pydantic import Field, JsonValue, field_validator, model_validator
from yarl import URL

from adapters.agents.endpoint import Endpoint, Heard, decoded
from adapters.agents.http_refusal import refusal_of
from adapters.agents.json_path import JsonPath
from adapters.agents.json_template import JsonTemplate
from adapters.agents.key import credential_of
from adapters.agents.provider import Provider
from adapters.agents.tools import as_given, told_calls
from adapters.agents.wire import bad, storable
from adapters.network.evidence import printable, texts
from adapters.network.target import HttpUrl, origin
from adapters.pricing import Pricing
from core.cases import Question, Reply, ToolCall, Usage
from core.errors import AgentRefused, BadAnswer, InvalidInput
from core.plugins import Plugin, PluginSettings
from core.ports import AgentContext

VARIABLES = frozenset({"text", "messages", "system", "tools", "case_id", "trial"})
PATHS = ("answer", "tool_calls", "input_tokens", "output_tokens", "model", "finish_reason", "response_id")
OURS = frozenset({"authorization", "connection", "content-length", "cookie", "host", "proxy-authorization", "te"})
HEADER_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
HEADER_VALUE = re.compile(r"[\t -~]*")


class HttpSettings(PluginSettings):
    url: HttpUrl = Field(description="Where questions are sent.")
    method: Literal["POST", "PUT", "GET"] = Field(default="POST", description="GET asks by `query` alone.")
    headers: dict[str, str] = Field(default_factory=dict[str, str], description="Sent as they are; keys go elsewhere.")
    body: JsonValue = Field(
        default={"question": "{{ text }}"},
        description="The JSON to send. Strings in it are templates over text (the last user message), messages "
        "(all of them, with role and content), system, tools (with name, description and parameters), case_id and "
        "trial. Not sent with GET.",
    )
    query: dict[str, str] = Field(default_factory=dict[str, str], description="Query parameters, templates likewise.")
    auth: Literal["bearer", "basic", "api-key"] | None = Field(
        default=None, description="How `credential` is sent; for basic it is user:password."
    )
    credential: str | None = Field(default=None, description="The stored credential to authenticate with.")
    api_key_header: str = Field(default="X-Api-Key", description="The header of `auth: api-key`.")
    answer: str | None = Field(
        default="answer",
        description="Path of the answer in the JSON that comes back, such as choices.0.message.content; "
        "null when the whole body is the answer, as plain text.",
    )
    tool_calls: str | None = Field(
        default=None, description="Path of the list of tool calls: name and arguments, bare or within `function`."
    )
    input_tokens: str | None = Field(default=None, description="Path of the number of input tokens.")
    output_tokens: str | None = Field(default=None, description="Path of the number of output tokens.")
    model: str | None = Field(default=None, description="Path of the name of the model that served.")
    finish_reason: str | None = Field(default=None, description="Path of why the answer ended.")
    response_id: str | None = Field(default=None, description="Path of the answer's id.")

    @field_validator(*PATHS)
    @classmethod
    def _is_a_path(cls, path: str | None) -> str | None:
        if path is not None:
            JsonPath(path)
        return path

    @field_validator("body", "query")
    @classmethod
    def _is_a_template(cls, template: JsonValue) -> JsonValue:
        JsonTemplate(template, variables=VARIABLES)
        return template

    @field_validator("headers")
    @classmethod
    def _can_be_sent(cls, headers: dict[str, str]) -> dict[str, str]:
        for name, value in headers.items():
            if not HEADER_NAME.fullmatch(name) or not HEADER_VALUE.fullmatch(value):
                raise ValueError(f"the header {name!r} cannot be sent: names are tokens, values printable ASCII")
            if name.lower() in OURS:
                raise ValueError(f"the header {name!r} is not set here; keys belong in `credential` with `auth`")
        return headers

    @model_validator(mode="after")
    def _goes_together(self) -> "HttpSettings":
        if (self.auth is None) != (self.credential is None):
            raise ValueError("`auth` and `credential` go together: how a key is sent, and which one")
        if not HEADER_NAME.fullmatch(self.api_key_header):
            raise ValueError("`api_key_header` is no header's name")
        return self


class HttpAgent:
    """Opens on the first question. One request per question: whoever asks decides about retries."""

    def __init__(self, settings: HttpSettings, context: AgentContext) -> None:
        self._settings = settings
        self._context = context
        self._pricing = Pricing(context.price, api_url=settings.url)
        self._body = None if settings.method == "GET" else JsonTemplate(settings.body, variables=VARIABLES)
        self._query = JsonTemplate(cast("JsonValue", settings.query), variables=VARIABLES)
        self._paths = {name: JsonPath(path) for name in PATHS if (path := getattr(settings, name)) is not None}
        self._opening = asyncio.Lock()
        self._endpoint: Endpoint | None = None

    async def ask(self, question: Question) -> Reply:
        endpoint = self._endpoint or await self._open()
        values = variables(question)
        try:
            body = self._body and self._body.render(values)
            query = self._query.render(values) if self._settings.query else None
        except InvalidInput as error:
            raise AgentRefused(f"No request can be made of this question. {error}") from error
        heard = await endpoint.ask(body, query=cast("Mapping[str, str] | None", query))
        return self._reply(heard)

    async def provider(self) -> Provider:
        url, name = self._settings.url, self._settings.credential
        secret = None if name is None else await credential_of(name, url, self._context)
        return Provider(origin(url), credential=name, secret=secret)

    def _reply(self, heard: Heard) -> Reply:
        usage = Usage(
            input_tokens=self._count("input_tokens", heard), output_tokens=self._count("output_tokens", heard)
        )
        model = self._word("model", heard)
        calls = self._calls(heard)
        return Reply(
            text=storable(self._text(heard, needed=not calls), heard),
            tool_calls=calls,
            usage=usage,
            model=model,
            finish_reason=self._word("finish_reason", heard),
            response_id=self._word("response_id", heard),
            latency_s=heard.latency_s,
            cost_usd=self._pricing.cost_usd(model, usage),
        )

    def _calls(self, heard: Heard) -> tuple[ToolCall, ...]:
        found = self._paths["tool_calls"].find(heard.body) if "tool_calls" in self._paths else None
        for text in texts(found):
            storable(text, heard)
        try:
            return told_calls(found)
        except ValueError as error:
            raise bad(f"At {self._settings.tool_calls!r} in the answer {error}.", heard) from error

    def _text(self, heard: Heard, *, needed: bool) -> str:
        found = self._paths["answer"].find(heard.body) if "answer" in self._paths else heard.body
        match found:
            case str():
                return found
            case bool():
                return "true" if found else "false"
            case int() | float():
                return str(found)
            case None if not needed:
                return ""
            case None:
                raise bad(f"There is nothing at {self._settings.answer!r} in the answer.", heard)
            case _:
                raise bad(f"At {self._settings.answer!r} in the answer is no text but {type(found).__name__}.", heard)

    def _count(self, name: str, heard: Heard) -> int | None:
        found = self._paths[name].find(heard.body) if name in self._paths else None
        return found if isinstance(found, int) and not isinstance(found, bool) and found >= 0 else None

    def _word(self, name: str, heard: Heard) -> str | None:
        found = self._paths[name].find(heard.body) if name in self._paths else None
        return storable(found, heard) if isinstance(found, str) else None

    async def _open(self) -> Endpoint:
        async with self._opening:
            if self._endpoint is None:
                headers, secrets = await authentication(self._settings, self._context)
                self._endpoint = Endpoint(
                    http=self._context.http,
                    url=URL(self._settings.url),
                    headers={"Content-Type": "application/json"} | self._settings.headers | headers,
                    timeout_s=self._context.timeout_s,
                    refusal=refusal_of(self._settings.url),
                    secrets=secrets,
                    method=self._settings.method,
                    decode=plain if self._settings.answer is None else decoded,
                    told=self._context.told,
                )
        return self._endpoint


def variables(question: Question) -> dict[str, object]:
    """What templates see. The messages are plain JSON, so `{{ messages }}` becomes a list."""
    messages = [{"role": m.role, "content": m.content} for m in question.messages]
    return {
        "text": question.text,
        "messages": messages,
        "system": "\n\n".join(m.content for m in question.messages if m.role == "system"),
        "tools": as_given(question.tools),
        "case_id": question.case_id,
        "trial": question.trial,
    }


async def authentication(settings: HttpSettings, context: AgentContext) -> tuple[dict[str, str], tuple[str, ...]]:
    """The headers that authenticate, and the secrets in them. Raises AgentUnusable."""
    if settings.credential is None:
        return {}, ()
    key = await credential_of(settings.credential, settings.url, context)
    if settings.auth == "api-key":
        return {settings.api_key_header: key}, (key,)
    if settings.auth == "bearer":
        return {"Authorization": f"Bearer {key}"}, (key,)
    encoded = b64encode(key.encode()).decode()
    return {"Authorization": f"Basic {encoded}"}, (key, encoded)


def plain(content: bytes) -> str:
    """A body that is the answer itself. Raises BadAnswer when it is not UTF-8."""
    try:
        return content.decode()
    except UnicodeDecodeError as error:
        raise BadAnswer(f"The answer is not UTF-8 text: {error.reason}.", raw=printable(content)) from error


plugin = Plugin(HttpSettings, HttpAgent, summary="Any agent behind an HTTP endpoint that speaks JSON or plain text.")
