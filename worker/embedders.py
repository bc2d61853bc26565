"""Who turns texts into vectors: open embedders, shared by all answers that are judged at the same time."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import asynccontextmanager
from weakref import WeakValueDictionary

from activities.admission import Desks
from adapters.agents.key_names import KeyNames
from core.cases import Usage
from core.embeddings import Embedder, Embedding, EmbeddingSpec
from core.limits import JUDGED_FOR, ProviderKey
from core.plugins import PluginSpec, find, settings_of
from core.ports import AgentContext
from worker.judging import Bill, Call, admitted, told_to_stop

ContextFor = Callable[[EmbeddingSpec], AgentContext]


class PlacedEmbedder:
    """An embedder, the places for calls of it, and the provider key they go by."""

    def __init__(self, spec: EmbeddingSpec, context: AgentContext, names: KeyNames) -> None:
        plugin = find("embedders", spec.kind)
        settings = settings_of("embedders", PluginSpec.model_validate({**spec.settings, "kind": spec.kind}))
        self.embedder: Embedder = plugin.build(settings, spec, context)
        self.places = asyncio.Semaphore(spec.concurrency)
        self._names = names
        self._key: ProviderKey | None = None

    async def key(self) -> ProviderKey | None:
        if self._key is None:
            self._key = await self._names.of(self.embedder)
        return self._key


class AdmittedEmbedder:
    """An embedder for one call."""

    def __init__(self, embedder: Embedder, call: Call) -> None:
        self._embedder = embedder
        self._call = call

    async def embed(self, texts: Sequence[str]) -> Embedding:
        return await self._call.made(self._embedder.embed(texts), _bill)


class EmbedderPool:
    """Implements `core.embeddings.Embedders`. An embedder nobody asks is forgotten: a mended credential counts."""

    def __init__(self, context_for: ContextFor, desks: Desks, names: KeyNames) -> None:
        self._context_for = context_for
        self._desks = desks
        self._names = names
        self._opened: WeakValueDictionary[str, PlacedEmbedder] = WeakValueDictionary()

    @asynccontextmanager
    async def lease(self, spec: EmbeddingSpec) -> AsyncGenerator[Embedder]:
        key = spec.model_dump_json()
        placed = self._opened.get(key)
        if placed is None:
            placed = self._opened[key] = PlacedEmbedder(spec, self._context_for(spec), self._names)
        async with (
            placed.places,
            self._desks.joined_at(await placed.key(), JUDGED_FOR.get(), told_to_stop()) as admission,
            admitted(admission) as call,
        ):
            yield AdmittedEmbedder(placed.embedder, call)


def _bill(embedding: Embedding) -> Bill:
    spent = embedding.spent
    return Bill(Usage(input_tokens=spent.input_tokens, output_tokens=spent.output_tokens), spent.cost_usd)
