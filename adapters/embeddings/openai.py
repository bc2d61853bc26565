"""Embeddings by OpenAI's protocol, which every compatible server speaks: `POST /embeddings`."""

from collections.abc import Sequence

from pydantic import Field, JsonValue

from adapters.agents.endpoint import Heard
from adapters.agents.openai import OPENAI
from adapters.agents.opening import SdkEndpoint
from adapters.agents.provider import Provider
from adapters.agents.wire import Answer, Wire, bad, read
from adapters.pricing import Pricing
from core.cases import Usage
from core.embeddings import Embedding, EmbeddingSpec
from core.plugins import Plugin, PluginSettings
from core.ports import AgentContext
from core.prices import KnownPrice
from core.verdicts import Spent

LARGEST = 1e100
"""Of a part of a vector: larger ones have no product."""


class VectorItem(Wire):
    index: int
    embedding: tuple[float, ...]


class EmbeddingUsage(Wire):
    prompt_tokens: int | None = Field(default=None, ge=0)


class EmbeddingAnswer(Answer):
    data: tuple[VectorItem, ...] = ()
    usage: EmbeddingUsage | None = None


class OpenAIEmbedder:
    """Implements `core.embeddings.Embedder`. Opens on the first call; whoever asks decides about retries."""

    def __init__(self, spec: EmbeddingSpec, context: AgentContext) -> None:
        self._spec = spec
        self._context = context
        self._base_url = OPENAI.base_url(spec.base_url, context)
        self._pricing = Pricing(spec.price, api_url=self._base_url, model=spec.model, prices=context.prices)
        self._endpoint = SdkEndpoint(
            OPENAI,
            "adapters.agents.openai_client",
            "/embeddings",
            credential=spec.credential,
            base_url=self._base_url,
            context=context,
            pricing=self._pricing,
        )

    async def embed(self, texts: Sequence[str]) -> Embedding:
        endpoint = await self._endpoint.opened()
        body: dict[str, JsonValue] = {"model": self._spec.model, "input": list(texts), "encoding_format": "float"}
        if self._spec.dimensions is not None:
            body["dimensions"] = self._spec.dimensions
        heard = await endpoint.ask(body)
        answer = read(EmbeddingAnswer, heard)
        return Embedding(_vectors(answer, len(texts), heard), self._spent(answer))

    async def price(self) -> KnownPrice | None:
        return await self._pricing.known()

    async def provider(self) -> Provider:
        return await OPENAI.provider(self._spec.credential, self._base_url, self._context, model=self._spec.model)

    def _spent(self, answer: EmbeddingAnswer) -> Spent:
        tokens = answer.usage.prompt_tokens if answer.usage else None
        cost = self._pricing.cost_usd(self._spec.model, Usage(input_tokens=tokens, output_tokens=0))
        return Spent(calls=1, input_tokens=tokens, cost_usd=cost)


def _vectors(answer: EmbeddingAnswer, count: int, heard: Heard) -> tuple[tuple[float, ...], ...]:
    """In the order of the texts. Raises BadAnswer for vectors that are missing, of different lengths or not finite."""
    found = {item.index: item.embedding for item in answer.data}
    if sorted(found) != list(range(count)) or len(answer.data) != count:
        raise bad(f"The answer has {len(answer.data)} vectors for {count} texts, or not one for each.", heard)
    if len({len(vector) for vector in found.values()}) != 1 or not found[0]:
        raise bad("The answer's vectors have different lengths, or none.", heard)
    if not all(abs(part) < LARGEST for vector in found.values() for part in vector):
        raise bad("The answer's vectors have parts that are no numbers to reckon with.", heard)
    return tuple(found[index] for index in range(count))


class NoSettings(PluginSettings):
    """All is said by the spec itself."""


def _build(settings: NoSettings, spec: EmbeddingSpec, context: AgentContext) -> OpenAIEmbedder:
    return OpenAIEmbedder(spec, context)


plugin = Plugin(NoSettings, _build, summary="OpenAI's embedding models, and servers that imitate them.")
