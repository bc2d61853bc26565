"""The rows of a run: read, held against the eval's schema, and stored as a dataset."""

import asyncio
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import orjson
from pydantic import JsonValue

from adapters.datasets.content import Content
from adapters.datasets.formats import Layout, table
from adapters.datasets.json_text import canonical
from adapters.datasets.uploads import inspect_upload
from api.openai_evals.sources import FileContent, FileId
from api.services import Services
from core.datasets import DatasetVersion
from core.errors import CannotJudge, InvalidInput
from evaluators.schemas import BadSchema, Schema, complaint

JSONL = Layout(format="jsonl")
SOURCE = "/data_source/source"


class StoredRows(NamedTuple):
    dataset: DatasetVersion
    sampled: bool
    """Whether the rows bring their answers."""


async def stored_rows(
    services: Services, project_id: str, source: FileContent | FileId, *, schema: Schema, name: str
) -> StoredRows:
    """Raises InvalidInput for a row that is none, or does not fit; the rows of the request are stored as `name`."""
    if isinstance(source, FileId):
        file = await services.openai_files.get(project_id, source.id)
        dataset = await services.datasets.find(project_id, file.dataset_id)
        content = await services.storage.get(dataset.object_key)
        rows = await asyncio.to_thread(_rows, dataset, content)
        return StoredRows(dataset, await asyncio.to_thread(_checked, rows, schema, "The file's line"))
    rows = [row.model_dump(mode="json", exclude_none=True) for row in source.content]
    sampled = await asyncio.to_thread(_checked, rows, schema, "Row")
    content = b"".join(orjson.dumps(row) + b"\n" for row in rows)
    return StoredRows(await stored(services, project_id, name=name, content=content), sampled)


async def stored(services: Services, project_id: str, *, name: str, content: bytes) -> DatasetVersion:
    """JSONL as a version of the dataset of this name. Raises InvalidDataset."""
    found = await asyncio.to_thread(inspect_upload, content, f"{name.removesuffix('.jsonl')}.jsonl", JSONL)
    await services.storage.put(found.object_key, content)
    return await services.datasets.add(
        project_id=project_id,
        name=name,
        digest=found.digest,
        format=found.format,
        row_count=found.row_count,
        fields=found.fields,
        size_bytes=len(content),
        object_key=found.object_key,
    )


def _rows(dataset: DatasetVersion, content: bytes) -> list[dict[str, Any]]:
    found = table(Content.in_memory(dataset.name, content), Layout.model_validate({"format": dataset.format}))
    return [orjson.loads(canonical(row.columns)) for row in found.rows]


def _checked(rows: Sequence[dict[str, Any]], schema: Schema, called: str) -> bool:
    """Whether all rows have a sample. Raises InvalidInput."""
    for trouble in _troubles(rows, schema, called):
        raise InvalidInput(trouble, pointer=SOURCE)
    sampled = sum("sample" in row for row in rows)
    if sampled not in (0, len(rows)):
        detail = f"{sampled} of {len(rows)} rows have a `sample`; all of them have one, or none."
        raise InvalidInput(detail, pointer=SOURCE)
    return sampled > 0


def _troubles(rows: Sequence[dict[str, Any]], schema: Schema, called: str) -> Iterator[str]:
    for number, row in enumerate(rows, 1):
        item: JsonValue = row.get("item")
        if not isinstance(item, dict) or row.keys() - {"item", "sample"}:
            yield f'{called} {number} is no row: one looks like {{"item": {{...}}}}, perhaps with a "sample".'
        elif not isinstance(row.get("sample", {}), dict):
            yield f"{called} {number} has a `sample` that is no object."
        else:
            try:
                if (wrong := complaint(schema, item)) is not None:
                    yield f"{called} {number} does not fit the eval's item_schema: {wrong}"
            except (BadSchema, CannotJudge) as error:
                yield f"The eval's item_schema cannot be followed: {error}"
