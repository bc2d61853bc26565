"""Revisions over HTTP: the `ETag` of what can be changed begins with its revision, and `If-Match` names the one that a
change follows. Whoever changes what somebody else has changed meanwhile is refused (412)."""

import re
from typing import Annotated, Final

from fastapi import Depends, Header, Request, Response

from adapters.database.revisions import Expected
from api.problem_kinds import INVALID
from api.problems import ProblemDetail, ProblemError
from core.errors import StaleRevision

TAG: Final = re.compile(r'\s*(?:W/)?"?([0-9]{1,18})(?:\.[0-9a-f]{1,64})?"?\s*')
IfMatch = Annotated[
    str | None,
    Header(
        alias="If-Match",
        max_length=200,
        description="The `ETag` of what you change, as you read it; refused (412) if it was changed since. Only the "
        'revision in it counts, so `"7"` will do.',
        examples=['"7"'],
    ),
]


async def _expected(request: Request, if_match: IfMatch = None) -> Expected | None:
    if if_match is None or if_match.strip() == "*":
        return None
    named = TAG.fullmatch(if_match)
    if named is None:
        detail = 'If-Match takes one revision in quotes, as the ETag has it: "3".'
        raise ProblemError(INVALID, detail, errors=[ProblemDetail(pointer="If-Match", detail=detail)])
    return Expected(int(named[1]), request.scope.get("attempt"))


ExpectedRevision = Annotated[Expected | None, Depends(_expected)]
"""The parameter of a route that changes something: the revision that `If-Match` names; None without it."""


def mark(response: Response, revision: int | None) -> None:
    """The revision as the answer's `ETag`; `api.conditional` adds what the answer itself says."""
    if revision is not None:
        response.headers["ETag"] = f'"{revision}"'


def refuse_other(found: int, expected: Expected | None) -> None:
    """For what changes no revision itself. Raises StaleRevision unless this is the expected revision."""
    if expected is not None and found != expected.revision:
        raise StaleRevision(f"It is at revision {found} by now, not {expected.revision}; look at it again.")
