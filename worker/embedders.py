"""Who turns texts into vectors: open embedders, shared by all answers that are judged at the same time."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from weakref import WeakValueDictionary

from adapters.embeddings.openai import OpenAIEmbedder
from core.embeddings import Embedder, EmbeddingSpec
from core.ports import AgentContext

ContextFor = Callable[[EmbeddingSpec], AgentContext]


class PlacedEmbedder:
    """An embedder and the places for calls of it."""

    def __init__(self, spec: EmbeddingSpec, context: AgentContext) -> None:
        self.embedder = OpenAIEmbedder(spec, context)
        self.places = asyncio.Semaphore(spec.concurrency)


class EmbedderPool:
    """Implements `core.embeddings.Embedders`. An embedder nobody asks is forgotten: a mended credential counts."""

    def __init__(self, context_for: ContextFor) -> None:
        self._context_for = context_for
        self._opened: WeakValueDictionary[str, PlacedEmbedder] = WeakValueDictionary()

    @asynccontextmanager
    async def lease(self, spec: EmbeddingSpec) -> AsyncGenerator[Embedder]:
        key = spec.model_dump_json()
        placed = self._opened.get(key)
        if placed is None:
            placed = self._opened[key] = PlacedEmbedder(spec, self._context_for(spec))
        async with placed.places:
            yield placed.embedder
