"""The cases of runs: made once from a dataset, stored by their content, read in pieces."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache

from adapters.datasets.composition import Composition, compose, gather, shard_content
from adapters.datasets.drafts import Draft
from adapters.datasets.shards import ShardReader, packed
from adapters.datasets.source import DatasetContext, Source
from core.benchmarks import DatasetSpec
from core.cases import Case
from core.datasets import CaseSet
from core.plugins import find, settings_of
from core.ports import ObjectStorage

WRITES = 4
"""Shards written at once."""
POINTER = "/dataset/source"


class StoredCaseSets:
    """Implements core.ports.CaseSets. Make one per process, inside its event loop."""

    def __init__(self, context: DatasetContext) -> None:
        self.context = context
        self._storage: ObjectStorage = context.storage
        self._shards = ShardReader(context.storage)
        self._parse = lru_cache(maxsize=16)(CaseSet.model_validate_json)

    async def prepare(self, spec: DatasetSpec, *, project_id: str, examples: int) -> CaseSet:
        """Loads, maps, filters, selects (see `selection`) and stores the cases.

        The same cases again give the same digest, and nothing is written. Raises InvalidDataset, InvalidPlugin,
        NotFound, Unavailable, ServiceUnavailable.
        """
        source = open_source(spec, replace(self.context, project_id=project_id))
        async with source.open() as tables:
            with Draft(spec.seed) as draft:
                await asyncio.to_thread(gather, draft, tables, spec, source.keeps)
                composition = await asyncio.to_thread(compose, draft, spec, examples=examples)
                await self._store(draft, composition)
        return composition.case_set

    async def open(self, digest: str) -> CaseSet:
        """Raises NotFound."""
        return self._parse(await self._storage.get(_manifest_key(digest)))

    async def read(self, case_set: CaseSet, start: int, stop: int) -> Sequence[Case]:
        """Cases `start` to `stop` (exclusive), fewer past the end."""
        size = case_set.shard_size
        stop = min(stop, case_set.case_count)
        cases: list[Case] = []
        while start < stop:
            number, offset = divmod(start, size)
            shard = await self._shards.cases(case_set.shards[number])
            part = shard[offset : offset + stop - start]
            cases.extend(part)
            start += len(part)
        return cases

    async def _store(self, draft: Draft, composition: Composition) -> None:
        case_set = composition.case_set
        manifest = _manifest_key(case_set.digest)
        # The manifest is written last: when it is there, so are the shards.
        if await self._storage.exists(manifest):
            return
        free = asyncio.Semaphore(WRITES)

        async def store(number: int, key: str) -> None:
            async with free:
                if await self._storage.exists(key):
                    return
                start = number * case_set.shard_size
                lines = await asyncio.to_thread(shard_content, draft, composition.selection, start, case_set.shard_size)
                content = await asyncio.to_thread(packed, lines)
                await self._storage.put(key, content, media_type="application/gzip")

        try:
            async with asyncio.TaskGroup() as group:
                for number, key in enumerate(case_set.shards):
                    group.create_task(store(number, key))
        except ExceptionGroup as errors:
            raise errors.exceptions[0] from errors
        content = case_set.model_dump_json().encode()
        await self._storage.put(manifest, content, media_type="application/json")


def open_source(spec: DatasetSpec, context: DatasetContext) -> Source:
    """The source a dataset names. Raises InvalidPlugin, with a pointer."""
    plugin = find("datasets", spec.source.kind, pointer=POINTER)
    return plugin.build(settings_of("datasets", spec.source, pointer=POINTER), context)


def _manifest_key(digest: str) -> str:
    return f"case-sets/{digest}.json"
