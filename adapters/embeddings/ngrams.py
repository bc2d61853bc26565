"""The embedder `ngrams`: counts of hashed character n-grams. It needs no key and no model, and sees letters, not
meaning: texts that say the same in other words are far apart."""

import hashlib
from collections.abc import Sequence

import numpy as np
from pydantic import Field

from core.embeddings import Embedding, EmbeddingSpec
from core.plugins import Plugin, PluginSettings
from core.ports import AgentContext
from core.verdicts import Spent


class NgramSettings(PluginSettings):
    size: int = Field(default=3, ge=1, le=8)
    """Characters of an n-gram."""
    parts: int = Field(default=1024, ge=16, le=65_536)
    """Length of the vectors; n-grams that fall together count as one."""


class NgramEmbedder:
    """Implements `core.embeddings.Embedder`. The square roots of how often each n-gram occurs, letters as lower case:
    feature hashing (Weinberger et al., ICML 2009) without signs, so that no cosine is negative."""

    def __init__(self, settings: NgramSettings) -> None:
        self._settings = settings

    async def embed(self, texts: Sequence[str]) -> Embedding:
        return Embedding([self._vector(text) for text in texts], Spent(calls=0, cost_usd=0.0))

    def _vector(self, text: str) -> list[float]:
        size, parts = self._settings.size, self._settings.parts
        padded = f" {' '.join(text.casefold().split())} "
        counts = np.zeros(parts)
        for start in range(max(1, len(padded) - size + 1)):
            gram = padded[start : start + size].encode("utf-8", errors="replace")
            counts[int.from_bytes(hashlib.blake2b(gram, digest_size=8).digest(), "little") % parts] += 1
        return np.sqrt(counts).tolist()


def _build(settings: NgramSettings, spec: EmbeddingSpec, context: AgentContext) -> NgramEmbedder:
    return NgramEmbedder(settings)


plugin = Plugin(NgramSettings, _build, summary="Hashed character n-grams: offline, of letters rather than meaning.")
