"""OpenAI models, and every server that speaks OpenAI's protocol: chat completions or the Responses API."""

from collections.abc import Callable, Mapping
from typing import Literal

from pydantic import Field, JsonValue, model_validator

from adapters.agents.endpoint import Heard
from adapters.agents.key import Vendor
from adapters.agents.openai_answers import chat_reply, responses_reply
from adapters.agents.opening import SdkEndpoint
from adapters.agents.provider import Provider
from adapters.agents.tools import Toolbox
from adapters.network.target import HttpUrl
from adapters.pricing import Pricing
from core.cases import Question, Reply
from core.plugins import Plugin, PluginSettings
from core.ports import AgentContext
from core.prices import KnownPrice

OPENAI = Vendor(key_variable="OPENAI_API_KEY", url_variable="OPENAI_BASE_URL", default_url="https://api.openai.com/v1")
OURS = frozenset({"model", "messages", "input", "stream", "n"})


class OpenAISettings(PluginSettings):
    model: str = Field(min_length=1, description="The model by the provider's name, such as gpt-5-mini.")
    api: Literal["chat", "responses"] = Field(
        default="chat", description="Chat completions, which every compatible server has, or the Responses API."
    )
    base_url: HttpUrl | None = Field(
        default=None, description="Of a compatible server, up to and with /v1; default OPENAI_BASE_URL, else OpenAI."
    )
    credential: str | None = Field(
        default=None,
        description="The stored credential to use; default OPENAI_API_KEY, sent to its own provider only.",
    )
    temperature: float | None = Field(default=None, ge=0, le=2, description="0 for the likeliest answer.")
    top_p: float | None = Field(default=None, gt=0, le=1, description="Share of the likeliest words to draw from.")
    max_tokens: int | None = Field(
        default=None, ge=1, description="Longest answer in tokens, in the parameter older models and most servers know."
    )
    max_completion_tokens: int | None = Field(
        default=None, ge=1, description="The same, in the parameter OpenAI's reasoning models want."
    )
    seed: int | None = Field(default=None, description="For repeatable answers, where the provider has them.")
    stop: tuple[str, ...] = Field(default=(), max_length=4, description="Texts at which the answer ends.")
    reasoning_effort: Literal["none", "minimal", "low", "medium", "high", "xhigh", "max"] | None = Field(
        default=None, description="How long a reasoning model may think; which words it knows differs by model."
    )
    extra_body: dict[str, JsonValue] = Field(
        default_factory=dict[str, JsonValue], description="Further parameters of the request, as the server names them."
    )

    @model_validator(mode="after")
    def _fits_the_api(self) -> "OpenAISettings":
        if self.max_tokens is not None and self.max_completion_tokens is not None:
            raise ValueError("give either `max_tokens` or `max_completion_tokens`, not both")
        if self.api == "responses" and (self.stop or self.seed is not None):
            raise ValueError('the Responses API has no `stop` and no `seed`; use api: "chat" or leave them out')
        if taken := OURS & self.extra_body.keys():
            raise ValueError(f"`extra_body` cannot set {', '.join(sorted(taken))}")
        return self


class OpenAIAgent:
    """Opens on the first question. One request per question: whoever asks decides about retries."""

    def __init__(self, settings: OpenAISettings, context: AgentContext) -> None:
        self._settings = settings
        self._context = context
        self._base_url = OPENAI.base_url(settings.base_url, context)
        self._pricing = Pricing(context.price, api_url=self._base_url, model=settings.model, prices=context.prices)
        chat = settings.api == "chat"
        self._parameters = chat_parameters(settings) if chat else responses_parameters(settings)
        self._messages_field = "messages" if chat else "input"
        self._reply: Callable[[Heard, Toolbox], Reply] = chat_reply if chat else responses_reply
        self._tools: Callable[[Toolbox], list[JsonValue]] = Toolbox.chat if chat else Toolbox.responses
        self._endpoint = SdkEndpoint(
            OPENAI,
            "adapters.agents.openai_client",
            "/chat/completions" if chat else "/responses",
            credential=settings.credential,
            base_url=self._base_url,
            context=context,
            pricing=self._pricing,
        )

    async def ask(self, question: Question) -> Reply:
        endpoint = await self._endpoint.opened()
        messages: list[JsonValue] = [{"role": m.role, "content": m.content} for m in question.messages]
        tools = Toolbox(question.tools)
        offered: dict[str, JsonValue] = {"tools": self._tools(tools)} if tools else {}
        if question.reply_schema is not None:
            offered |= held_to(question.reply_schema, self._settings.api)
        heard = await endpoint.ask({**self._parameters, self._messages_field: messages, **offered})
        reply = self._reply(heard, tools)
        cost = self._pricing.cost_usd(reply.model or self._settings.model, reply.usage)
        return reply if cost is None else reply.model_copy(update={"cost_usd": cost})

    async def price(self) -> KnownPrice | None:
        return await self._pricing.known()

    async def provider(self) -> Provider:
        return await OPENAI.provider(
            self._settings.credential, self._base_url, self._context, model=self._settings.model
        )


def chat_parameters(settings: OpenAISettings) -> Mapping[str, JsonValue]:
    named: dict[str, JsonValue] = {
        "temperature": settings.temperature,
        "top_p": settings.top_p,
        "max_tokens": settings.max_tokens,
        "max_completion_tokens": settings.max_completion_tokens,
        "seed": settings.seed,
        "stop": list(settings.stop) or None,
        "reasoning_effort": settings.reasoning_effort,
    }
    return {"model": settings.model} | _given(named) | settings.extra_body


def held_to(schema: dict[str, JsonValue], api: Literal["chat", "responses"]) -> dict[str, JsonValue]:
    """The parameter by which the provider holds the reply to the schema."""
    named: dict[str, JsonValue] = {"name": "reply", "strict": True, "schema": schema}
    if api == "responses":
        return {"text": {"format": {"type": "json_schema", **named}}}
    return {"response_format": {"type": "json_schema", "json_schema": named}}


def responses_parameters(settings: OpenAISettings) -> Mapping[str, JsonValue]:
    named: dict[str, JsonValue] = {
        "temperature": settings.temperature,
        "top_p": settings.top_p,
        "max_output_tokens": settings.max_completion_tokens or settings.max_tokens,
        "reasoning": {"effort": settings.reasoning_effort} if settings.reasoning_effort else None,
        "store": False,
    }
    return {"model": settings.model} | _given(named) | settings.extra_body


def _given(parameters: dict[str, JsonValue]) -> dict[str, JsonValue]:
    return {name: value for name, value in parameters.items() if value is not None}


plugin = Plugin(OpenAISettings, OpenAIAgent, summary="OpenAI models and every server that speaks OpenAI's protocol.")
