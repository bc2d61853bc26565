"""Texts as vectors: who makes them, what it costs, and the ports through which evaluators ask for them."""

from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from typing import Annotated, NamedTuple, Protocol

from pydantic import Field, JsonValue, StringConstraints, model_validator

from core.benchmarks import Price
from core.errors import InvalidInput
from core.plugins import PluginSpec, SettingsPart, settings_of
from core.verdicts import Spent


class EmbeddingSpec(SettingsPart):
    """Who turns texts into vectors: a model behind `/embeddings`, as OpenAI and the servers that imitate it have it, or
    an installed plugin of another kind."""

    kind: str = "openai"
    """`openai`, or `ngrams`: hashed character n-grams, which need no key and see letters rather than meaning."""
    settings: dict[str, JsonValue] = Field(default_factory=dict[str, JsonValue])
    """What a plugin of another kind takes; of `ngrams` the `size` of an n-gram and how many `parts` a vector has."""
    model: Annotated[str, StringConstraints(max_length=200)] = ""
    """The model by the provider's name, such as text-embedding-3-small; `openai` needs it."""
    base_url: Annotated[str, StringConstraints(max_length=2048, pattern=r"^https?://[^\s@]+$")] | None = None
    """Of a compatible server, up to and with /v1; default OPENAI_BASE_URL, else OpenAI."""
    credential: str | None = None
    """The stored credential to use; default OPENAI_API_KEY, sent to its own provider only."""
    dimensions: int | None = Field(default=None, ge=1, le=100_000)
    """Length of the vectors, where the model can shorten them."""
    concurrency: int = Field(default=8, ge=1, le=256)
    """Calls in flight at once in each worker process."""
    timeout_s: float = Field(default=60.0, gt=0, le=600)
    """Deadline of one call, in seconds."""
    max_attempts: int = Field(default=5, ge=1, le=20)
    """Calls for one answer before it is left unscored."""
    price: Price | None = None
    """Overrides the price table."""

    @model_validator(mode="after")
    def _known(self) -> "EmbeddingSpec":
        if self.kind == "openai" and not self.model:
            raise ValueError("name the `model`, such as text-embedding-3-small, or say `kind: ngrams`")
        try:
            settings_of("embedders", PluginSpec.model_validate({**self.settings, "kind": self.kind}))
        except InvalidInput as error:
            raise ValueError(str(error)) from error
        return self


class Embedding(NamedTuple):
    vectors: Sequence[Sequence[float]]
    """One for each text, in order, all of one length, finite."""
    spent: Spent


class Embedder(Protocol):
    async def embed(self, texts: Sequence[str]) -> Embedding:
        """One call. Raises the errors of `core.errors`."""
        ...


class Embedders(Protocol):
    def lease(self, spec: EmbeddingSpec) -> AbstractAsyncContextManager[Embedder]:
        """An embedder, once one of the spec's `concurrency` places is free."""
        ...
