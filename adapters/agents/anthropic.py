"""Anthropic's Claude, and servers that speak the same Messages API."""

from typing import Literal

from pydantic import Field, JsonValue, model_validator

from adapters.agents.anthropic_answers import message_reply
from adapters.agents.key import Vendor
from adapters.agents.opening import SdkEndpoint
from adapters.agents.provider import Provider
from adapters.agents.tools import Toolbox
from adapters.network.target import HttpUrl
from adapters.pricing import Pricing
from core.cases import Question, Reply
from core.plugins import Plugin, PluginSettings
from core.ports import AgentContext
from core.prices import KnownPrice

ANTHROPIC = Vendor(
    key_variable="ANTHROPIC_API_KEY", url_variable="ANTHROPIC_BASE_URL", default_url="https://api.anthropic.com"
)
OURS = frozenset({"model", "messages", "system", "stream"})


class AnthropicSettings(PluginSettings):
    model: str = Field(min_length=1, description="The model by Anthropic's name, such as claude-sonnet-4-5.")
    base_url: HttpUrl | None = Field(
        default=None, description="Of a compatible server, without /v1; default ANTHROPIC_BASE_URL, else Anthropic."
    )
    credential: str | None = Field(
        default=None,
        description="The stored credential to use; default ANTHROPIC_API_KEY, sent to its own provider only.",
    )
    max_tokens: int = Field(default=4096, ge=1, description="Longest answer in tokens; the API demands a number.")
    temperature: float | None = Field(default=None, ge=0, le=1, description="For models that know it.")
    top_p: float | None = Field(default=None, gt=0, le=1, description="For models that know it.")
    top_k: int | None = Field(default=None, ge=1, description="For models that know it.")
    stop: tuple[str, ...] = Field(default=(), description="Texts at which the answer ends.")
    effort: Literal["low", "medium", "high", "xhigh", "max"] | None = Field(
        default=None, description="How much work the model should put into its answer."
    )
    extra_body: dict[str, JsonValue] = Field(
        default_factory=dict[str, JsonValue], description="Further parameters of the request, such as `thinking`."
    )

    @model_validator(mode="after")
    def _fits_the_api(self) -> "AnthropicSettings":
        if taken := OURS & self.extra_body.keys():
            raise ValueError(f"`extra_body` cannot set {', '.join(sorted(taken))}")
        return self

    def parameters(self) -> dict[str, JsonValue]:
        named: dict[str, JsonValue] = {
            "temperature": self.temperature,
            "top_p": self.top_p,
            "top_k": self.top_k,
            "stop_sequences": list(self.stop) or None,
            "output_config": {"effort": self.effort} if self.effort else None,
        }
        given = {name: value for name, value in named.items() if value is not None}
        return {"model": self.model, "max_tokens": self.max_tokens} | given | self.extra_body


class AnthropicAgent:
    """Opens on the first question. One request per question: whoever asks decides about retries."""

    def __init__(self, settings: AnthropicSettings, context: AgentContext) -> None:
        self._settings = settings
        self._context = context
        self._base_url = ANTHROPIC.base_url(settings.base_url, context)
        self._pricing = Pricing(context.price, api_url=self._base_url, model=settings.model, prices=context.prices)
        self._parameters = settings.parameters()
        self._endpoint = SdkEndpoint(
            ANTHROPIC,
            "adapters.agents.anthropic_client",
            "/v1/messages",
            credential=settings.credential,
            base_url=self._base_url,
            context=context,
            pricing=self._pricing,
        )

    async def ask(self, question: Question) -> Reply:
        endpoint = await self._endpoint.opened()
        tools = Toolbox(question.tools)
        offered: dict[str, JsonValue] = {"tools": tools.messages()} if tools else {}
        heard = await endpoint.ask(self._parameters | conversation(question) | offered)
        reply = message_reply(heard, tools)
        cost = self._pricing.cost_usd(reply.model or self._settings.model, reply.usage)
        return reply if cost is None else reply.model_copy(update={"cost_usd": cost})

    async def price(self) -> KnownPrice | None:
        return await self._pricing.known()

    async def provider(self) -> Provider:
        return await ANTHROPIC.provider(
            self._settings.credential, self._base_url, self._context, model=self._settings.model
        )


def conversation(question: Question) -> dict[str, JsonValue]:
    """The turns, with what the system says apart from them, as the API wants it."""
    said = [m for m in question.messages if m.role == "system"]
    parts: dict[str, JsonValue] = {
        "messages": [{"role": m.role, "content": m.content} for m in question.messages if m.role != "system"]
    }
    return parts | {"system": "\n\n".join(m.content for m in said)} if said else parts


plugin = Plugin(AnthropicSettings, AnthropicAgent, summary="Anthropic's Claude, by the Messages API.")
