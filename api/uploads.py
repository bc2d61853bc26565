"""An uploaded file: from a form with a `file`, or the bare body."""

from pathlib import PurePosixPath
from typing import Any, Final, NamedTuple

from fastapi import Request
from pydantic import TypeAdapter, ValidationError
from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException

from api.bodies import media_type
from api.problem_kinds import INVALID, MALFORMED
from api.problems import ProblemDetail, ProblemError
from core.model import Name
from core.run_requests import refuse_versioned_name

FORM: Final[dict[str, Any]] = {
    "parameters": [
        {"name": name, "in": "query", "required": False, "description": text, "schema": {"type": "string"}}
        for name, text in (
            ("name", "With a bare body: what the dataset is called."),
            ("filename", "With a bare body, which needs it: the file's name; its ending tells the format."),
        )
    ],
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "required": ["file"],
                    "properties": {
                        "file": {"type": "string", "format": "binary"},
                        "name": {"type": "string", "description": "Default: the file's name without its endings."},
                    },
                }
            },
            "application/octet-stream": {"schema": {"type": "string", "format": "binary"}},
        },
    },
}
"""`openapi_extra` of the route."""
NAME: Final[TypeAdapter[str]] = TypeAdapter(Name)


class UploadedFile(NamedTuple):
    name: str
    """What the dataset shall be called."""
    filename: str
    content: bytes


async def read_upload(request: Request) -> UploadedFile:
    """Raises ProblemError (400, 422)."""
    if media_type(request) == "multipart/form-data":
        return await _from_form(request)
    filename = request.query_params.get("filename", "")
    if not filename:
        raise _wrong("filename", "Say the file's name as ?filename=questions.jsonl; its ending tells the format.")
    return _named(request.query_params.get("name"), filename, await request.body())


async def _from_form(request: Request) -> UploadedFile:
    try:
        async with request.form(max_files=1, max_fields=8) as form:
            file, name = form.get("file"), form.get("name")
            if not isinstance(file, UploadFile) or not file.filename:
                raise _wrong("/file", "The form needs a field `file` that holds a file with its name.")
            if name is not None and not isinstance(name, str):
                raise _wrong("/name", "The field `name` is text, not a file.")
            return _named(name, file.filename, await file.read())
    except HTTPException as error:
        if isinstance(error, ProblemError) or error.status_code != 400:
            raise
        raise ProblemError(MALFORMED, f"The form cannot be read: {error.detail}") from error


def _named(name: str | None, filename: str, content: bytes) -> UploadedFile:
    given = name or PurePosixPath(filename.replace("\\", "/")).name.split(".")[0]
    try:
        checked = NAME.validate_python(given)
    except ValidationError as error:
        raise _wrong(
            "name",
            f"{given[:100]!r} cannot be a name: it starts with a letter or digit and has at most 100 characters of "
            "letters, digits, spaces and ._:/@+-",
        ) from error
    refuse_versioned_name(checked)
    return UploadedFile(checked, filename[:255], content)


def _wrong(pointer: str, detail: str) -> ProblemError:
    return ProblemError(INVALID, detail, errors=[ProblemDetail(pointer=pointer, detail=detail)])
