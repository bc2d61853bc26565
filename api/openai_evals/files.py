"""`/v1/files`, as far as evals need it: JSONL that becomes a dataset of ours."""

from typing import Any, Final

from fastapi import APIRouter, Request, Response
from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException

from api.bodies import media_type
from api.openai_evals.criteria import as_name
from api.openai_evals.ids import new_file_id
from api.openai_evals.pages import After, FileLimit, InOrder, listed, seconds
from api.openai_evals.routing import OpenAIRoute
from api.openai_evals.rows import stored
from api.problem_kinds import MALFORMED
from api.problems import ProblemError
from api.security import Reader, ResultsReader, Writer
from api.services import ServicesDep
from core.errors import InvalidInput
from core.openai_evals import FileRecord

PURPOSES: Final = ("evals", "user_data", "fine-tune", "batch")
"""Those whose files may be JSONL."""

router = APIRouter(route_class=OpenAIRoute)


@router.post("/v1/files", status_code=201)
async def create_file(request: Request, services: ServicesDep, principal: Writer) -> dict[str, Any]:
    filename, content, purpose = await _sent(request)
    name = f"openai-files/{as_name(filename, otherwise='file')}"[:100].rstrip()
    dataset = await stored(services, principal.project_id, name=name, content=content)
    record = await services.openai_files.add(
        principal.project_id,
        new_file_id(request),
        dataset_id=dataset.dataset_id,
        filename=filename,
        purpose=purpose,
        size_bytes=len(content),
    )
    await services.audit.record(principal.project_id, principal.name, "openai_file.create", record.file_id)
    return _view(record)


@router.get("/v1/files")
async def list_files(
    services: ServicesDep,
    principal: Reader,
    limit: FileLimit = 10_000,
    after: After = None,
    order: InOrder = "desc",
    purpose: str | None = None,
) -> dict[str, Any]:
    found = await services.openai_files.page(
        principal.project_id, limit=limit, after=after, order=order, purpose=purpose
    )
    return listed([_view(each) for each in found[:limit]], more=len(found) > limit)


@router.get("/v1/files/{file_id}")
async def get_file(services: ServicesDep, principal: Reader, file_id: str) -> dict[str, Any]:
    return _view(await services.openai_files.get(principal.project_id, file_id))


@router.get("/v1/files/{file_id}/content")
async def get_file_content(services: ServicesDep, principal: ResultsReader, file_id: str) -> Response:
    record = await services.openai_files.get(principal.project_id, file_id)
    dataset = await services.datasets.find(principal.project_id, record.dataset_id)
    return Response(await services.storage.get(dataset.object_key), media_type="application/octet-stream")


@router.delete("/v1/files/{file_id}")
async def delete_file(services: ServicesDep, principal: Writer, file_id: str) -> dict[str, Any]:
    """The dataset stays, for runs may be made of it."""
    await services.openai_files.remove(principal.project_id, file_id)
    await services.audit.record(principal.project_id, principal.name, "openai_file.delete", file_id)
    return {"object": "file", "deleted": True, "id": file_id}


async def _sent(request: Request) -> tuple[str, bytes, str]:
    """Name, bytes and purpose. Raises ProblemError (400), InvalidInput."""
    if media_type(request) != "multipart/form-data":
        raise InvalidInput("Send a form with `file` and `purpose`.", pointer="/file")
    try:
        async with request.form(max_files=1, max_fields=8) as form:
            file, purpose = form.get("file"), form.get("purpose")
            if not isinstance(file, UploadFile):
                raise InvalidInput("The form needs a field `file` that holds a file.", pointer="/file")
            if purpose not in PURPOSES:
                raise InvalidInput(
                    f"Files serve evals here: `purpose` is one of {', '.join(PURPOSES)}, and the file is JSONL.",
                    pointer="/purpose",
                )
            return (file.filename or "file.jsonl")[:255], await file.read(), str(purpose)
    except HTTPException as error:
        if isinstance(error, ProblemError) or error.status_code != 400:
            raise
        raise ProblemError(MALFORMED, f"The form cannot be read: {error.detail}") from error


def _view(record: FileRecord) -> dict[str, Any]:
    return {
        "object": "file",
        "id": record.file_id,
        "bytes": record.size_bytes,
        "created_at": seconds(record.created_at),
        "filename": record.filename,
        "purpose": record.purpose,
        "status": "processed",
        "expires_at": None,
        "status_details": None,
    }
