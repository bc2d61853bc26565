"""`Idempotency-Key`: a change that was answered is answered the same again, by whichever API process.

Only answers below 400 are kept. A request that was refused did nothing, and its key is free for a corrected body. One
that broke, or found a part of ours away, may have been done by half: its repetition carries on with the same ids, and
what it changed already is no reason to refuse it (`If-Match`).

Who repeats an accepted request and would rather wait for its end (`Prefer`) is told how that stands by now.
"""

import asyncio
import hashlib
import re
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any, Final

from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from adapters.database.idempotency import Answered, Claimed, IdempotencyRepository, InFlight, OtherRequest
from adapters.database.revisions import Attempt
from api.problem_kinds import IN_FLIGHT, INVALID, KEY_REUSED
from api.problems import ProblemDetail, ProblemError
from api.security import Principal
from core.errors import BenchmarkError, ServiceUnavailable, TransientError
from core.ids import new_id, repeatable_id
from core.model import Model

HEADER: Final = "idempotency-key"
REPLAYED: Final = "Idempotency-Replayed"
PREFERS: Final = "prefer"
ACCEPTED: Final = 202
WORK_S: Final = 25.0
LEASE: Final = timedelta(seconds=30)
"""Longer than the work may take, so that nobody takes over what is still being done."""
KEPT_HEADERS: Final = ("content-type", "location", "retry-after", "etag", "preference-applied")
IDEMPOTENT: Final[dict[str, Any]] = {
    "parameters": [
        {
            "name": "Idempotency-Key",
            "in": "header",
            "required": False,
            "description": "Any text of your own. The same request with the same key is answered the same for 24 "
            "hours and done once, whatever breaks in between.",
            "schema": {"type": "string", "maxLength": 255},
        }
    ]
}
"""`openapi_extra` of what changes something."""
PRINTABLE: Final = re.compile(r"[\x21-\x7e]{1,255}")


async def once(
    keys: IdempotencyRepository, request: Request, work: Callable[[], Awaitable[Response]], *, waits: bool = False
) -> Response:
    """Does the work, or gives the answer it gave before; `waits` tells that the work knows what to do when it was
    accepted before (`repeated_run_id`). Raises ProblemError (409, 422)."""
    principal: Principal = request.scope["principal"]
    key = request.headers[HEADER]
    if not PRINTABLE.fullmatch(key):
        detail = "An Idempotency-Key is 1 to 255 printable ASCII characters without spaces."
        raise ProblemError(INVALID, detail, errors=[ProblemDetail(pointer="Idempotency-Key", detail=detail)])
    digest = await _digest(principal, request)
    match await keys.claim(principal.project_id, key, digest, lease=LEASE):
        case Answered(status, headers, body):
            answer = Response(body, status, headers)
            if waits and status == ACCEPTED and PREFERS in request.headers:
                request.scope["repeats"] = headers["location"].rpartition("/")[2]
                answer = await work()
            answer.headers[REPLAYED] = "true"
            return answer
        case InFlight(seconds):
            raise ProblemError(
                IN_FLIGHT,
                "The first request with this Idempotency-Key is still being worked on.",
                headers={"Retry-After": str(round(min(seconds, 2)))},
            )
        case OtherRequest():
            raise ProblemError(KEY_REUSED, "This Idempotency-Key was sent before with another request.")
        case Claimed() as claim:
            since = claim.since
            request.scope["attempt"] = Attempt(principal.project_id, key, claim.owner)
            request.scope["claimed_id"] = repeatable_id("run", since, f"{key}\n{digest}\n{since.isoformat()}")
            return await _worked(keys, request, key, claim, work)


def new_run_id(request: Request) -> str:
    """The id of the run this request makes. With a key, who takes the request over makes the same run."""
    claimed: str | None = request.scope.get("claimed_id")
    return new_id("run") if claimed is None else claimed


def repeated_run_id(request: Request) -> str | None:
    """The run that this very request was accepted as before; None for the first of its key."""
    return request.scope.get("repeats")


def new_webhook_id(request: Request) -> str:
    """As `new_run_id`, of a webhook."""
    return f"hook_{new_run_id(request).removeprefix('run_')}"


def new_api_key_id(request: Request) -> str:
    """As `new_run_id`, of an API key."""
    return f"apikey_{new_run_id(request).removeprefix('run_')}"


def keep_instead(request: Request, answer: Model) -> None:
    """What repetitions are answered, where the first answer tells a secret that is not for keeping."""
    request.scope["kept_answer"] = answer.model_dump_json().encode()


async def _worked(
    keys: IdempotencyRepository, request: Request, key: str, claim: Claimed, work: Callable[[], Awaitable[Response]]
) -> Response:
    project_id: str = request.scope["principal"].project_id
    done = refused = False
    try:
        async with asyncio.timeout(WORK_S):
            response = await work()
        done, refused = response.status_code < 400, 400 <= response.status_code < 500
    except (HTTPException, RequestValidationError, BenchmarkError) as error:
        refused = _did_nothing(error)
        raise
    except TimeoutError as error:
        raise ServiceUnavailable("The request was not done in time; repeat it with the same key.") from error
    finally:
        if refused:
            await asyncio.shield(keys.release(project_id, key, claim.owner))
        elif not done:
            await asyncio.shield(keys.hand_over(project_id, key, claim.owner))
    if done:
        headers = {name: response.headers[name] for name in KEPT_HEADERS if name in response.headers}
        body: bytes = request.scope.get("kept_answer") or bytes(response.body)
        await keys.finish(project_id, key, claim.owner, status=response.status_code, headers=headers, body=body)
    return response


def _did_nothing(error: HTTPException | RequestValidationError | BenchmarkError) -> bool:
    """Whether it says that the request cannot be done, rather than that it was not done to its end."""
    if isinstance(error, HTTPException):
        return error.status_code < 500
    return not isinstance(error, TransientError)


async def _digest(principal: Principal, request: Request) -> str:
    body = await request.body()
    boundary = request.headers.get("content-type", "").partition("boundary=")[2].strip('"').encode()
    if boundary:
        # A client draws a new boundary for every repetition of the same form.
        body = body.replace(boundary, b"")
    said = hashlib.sha256()
    for part in (principal.id, request.method, request.url.path, request.url.query):
        said.update(part.encode() + b"\x00")
    said.update(body)
    return said.hexdigest()
