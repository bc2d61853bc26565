"""`/v1/datasets`: uploading data, and looking at what is stored."""

import asyncio
from itertools import islice
from typing import Annotated

import orjson
from fastapi import APIRouter, Query, Request, Response
from pydantic import JsonValue

from adapters.datasets.content import Content
from adapters.datasets.formats import Layout, table
from adapters.datasets.json_text import canonical
from adapters.datasets.uploads import inspect_upload
from api.idempotency import IDEMPOTENT
from api.listings import Listing, Part, Version
from api.problems import documented
from api.routing import GuardedRoute
from api.security import Reader, Writer
from api.services import ServicesDep
from api.uploads import FORM, read_upload
from core.datasets import DatasetVersion
from core.model import Model
from core.run_requests import Reference, named

router = APIRouter(tags=["datasets"], route_class=GuardedRoute)
READING = documented(400, 401, 403, 404, 422, 503)


class Preview(Model):
    """The first rows, as they are before any mapping."""

    dataset: DatasetVersion
    rows: tuple[dict[str, JsonValue], ...]


@router.post(
    "/v1/datasets",
    status_code=201,
    operation_id="upload_dataset",
    summary="Upload a dataset",
    responses=documented(400, 401, 403, 409, 413, 415, 422, 503),
    openapi_extra=FORM | {"parameters": [*FORM["parameters"], *IDEMPOTENT["parameters"]]},
)
async def upload_dataset(
    request: Request, response: Response, services: ServicesDep, principal: Writer
) -> DatasetVersion:
    """JSONL, JSON, CSV, TSV or Parquet (also gzipped), as a form with a `file` and a `name`, or as the bare bytes
    with `?name=...&filename=...`.

    The file is read once from end to end; a broken row is a 422 that names its line. The same bytes under the same
    name are the same version; other bytes are its next one.
    """
    upload = await read_upload(request)
    found = await asyncio.to_thread(inspect_upload, upload.content, upload.filename)
    await services.storage.put(found.object_key, upload.content)
    stored = await services.datasets.add(
        project_id=principal.project_id,
        name=upload.name,
        digest=found.digest,
        format=found.format,
        row_count=found.row_count,
        fields=found.fields,
        size_bytes=len(upload.content),
        object_key=found.object_key,
    )
    await services.audit.record(
        principal.project_id, principal.name, "dataset.upload", stored.name, {"version": str(stored.version)}
    )
    response.headers["Location"] = f"/v1/datasets/{stored.dataset_id}"
    return stored


@router.get("/v1/datasets", operation_id="list_datasets", summary="List datasets", responses=READING)
async def list_datasets(services: ServicesDep, principal: Reader, part: Part) -> Listing[DatasetVersion]:
    """The newest version of every stored dataset, by name."""
    page = await services.datasets.page(principal.project_id, limit=part.limit, cursor=part.cursor)
    return part.of(page, lambda one: one)


@router.get(
    "/v1/datasets/{name:path}/versions",
    operation_id="list_dataset_versions",
    summary="List versions",
    responses=READING,
)
async def list_dataset_versions(
    services: ServicesDep, principal: Reader, name: Reference, part: Part
) -> Listing[DatasetVersion]:
    """The newest first."""
    page = await services.datasets.versions(principal.project_id, name, limit=part.limit, cursor=part.cursor)
    return part.of(page, lambda one: one)


@router.get("/v1/datasets/{name:path}/rows", operation_id="preview_dataset", summary="Preview rows", responses=READING)
async def preview_dataset(
    services: ServicesDep,
    principal: Reader,
    name: Reference,
    version: Version = None,
    limit: Annotated[int, Query(ge=1, le=100, description="How many rows.")] = 10,
) -> Preview:
    """The first rows: what a field mapping has to work with."""
    known = named(name)
    dataset = await services.datasets.find(principal.project_id, known.name, version or known.version)
    content = Content.in_memory(dataset.name, await services.storage.get(dataset.object_key))
    return Preview(dataset=dataset, rows=await asyncio.to_thread(_first_rows, content, dataset.format, limit))


@router.get("/v1/datasets/{name:path}", operation_id="get_dataset", summary="Look at a dataset", responses=READING)
async def get_dataset(
    services: ServicesDep, principal: Reader, name: Reference, version: Version = None
) -> DatasetVersion:
    """By name, `name@version` or id."""
    known = named(name)
    return await services.datasets.find(principal.project_id, known.name, version or known.version)


def _first_rows(content: Content, format_: str, limit: int) -> tuple[dict[str, JsonValue], ...]:
    rows = table(content, Layout.model_validate({"format": format_})).rows
    return tuple(orjson.loads(canonical(row.columns)) for row in islice(rows, limit))
