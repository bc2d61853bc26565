"""What every operation of the description has in common, added to what its route says: the problems it may answer with,
the headers of its answers, and the parameters that every route takes."""

from typing import Any, Final

from api.problem_kinds import KINDS, ProblemKind
from api.problems import MEDIA_TYPE

Part = dict[str, Any]
EVERYWHERE: Final = (400, 414, 422, 431, 500)
"""What any address may answer: what it is asked is not text, is too long, is not known to it, or breaks it."""
METERED: Final = (429,)
GUARDED: Final = (401, 403, 503)


def _text(description: str, example: str) -> Part:
    return {"description": description, "schema": {"type": "string"}, "example": example}


HEADERS: Final[dict[str, Part]] = {
    "X-Request-Id": _text(
        "Under which the log of the service tells more; yours, if you sent one.", "req_01k9rjw1qye8xs5vt1m4ywk0a4"
    ),
    "Location": _text("Where the thing is that this is about.", "/v1/runs/run_01k9rjw1qye8xs5vt1m4ywk0a4"),
    "ETag": _text(
        "Of this answer, for `If-None-Match`; of what can be changed it begins with the revision, for `If-Match`.",
        '"7.9f86d081884c7d659a2feaa0"',
    ),
    "Link": _text('The next page (`rel="next"`), if there is one.', '</v1/runs?cursor=WyJydW5zIl0>; rel="next"'),
    "RateLimit": _text(
        "How many requests are left of a policy's quota, and in how many seconds all of it is back.",
        '"key";r=59998;t=1',
    ),
    "RateLimit-Policy": _text(
        "The quota (`q`) and its window in seconds (`w`), for each API key or address.", '"key";q=60000;w=60'
    ),
    "Retry-After": {
        "description": "Seconds after which it is worth asking again.",
        "schema": {"type": "integer", "minimum": 0},
        "example": 1,
    },
    "Preference-Applied": _text("What was done of `Prefer`.", "wait=10"),
    "WWW-Authenticate": _text("How to send a key.", 'Bearer realm="benchmark"'),
}
IF_NONE_MATCH: Final[Part] = {
    "name": "If-None-Match",
    "in": "header",
    "required": False,
    "description": "The `ETag` of the answer you have: 304 if it is still the same.",
    "schema": {"type": "string", "maxLength": 1000},
    "example": '"9f86d081884c7d659a2feaa0"',
}
UNCHANGED: Final[Part] = {"description": "What you have is still what it is; there is no body."}


def common_parts() -> dict[str, dict[str, Part]]:
    """What operations refer to: sections of the description's `components`."""
    by_status: dict[int, list[ProblemKind]] = {}
    for kind in KINDS.values():
        by_status.setdefault(kind.status, []).append(kind)
    return {
        "headers": HEADERS,
        "parameters": {"IfNoneMatch": IF_NONE_MATCH},
        "responses": {
            "NotModified": UNCHANGED | _with_headers("ETag", "X-Request-Id"),
            **{f"Problem{status}": _problems(status, kinds) for status, kinds in sorted(by_status.items())},
        },
    }


def complete(method: str, operation: Part, *, metered: bool) -> None:
    """Adds to an operation what holds for all of its kind."""
    answers: Part = operation["responses"]
    for status in _problem_statuses(operation, metered=metered) | {int(each) for each in answers if each >= "400"}:
        answers[str(status)] = {"$ref": f"#/components/responses/Problem{status}"}
    told = ("X-Request-Id", *(("RateLimit", "RateLimit-Policy") if metered else ()))
    cached = method == "get" and "application/json" in answers.get("200", {}).get("content", {})
    for status, answer in answers.items():
        if status < "300":
            answer |= _with_headers(*told, *_special(operation, method, status, cached=cached))
    if cached:
        operation.setdefault("parameters", []).append({"$ref": "#/components/parameters/IfNoneMatch"})
        answers["304"] = {"$ref": "#/components/responses/NotModified"}
    operation["responses"] = dict(sorted(answers.items()))


def _problem_statuses(operation: Part, *, metered: bool) -> set[int]:
    named = {each.get("name") for each in operation.get("parameters", ())}
    bodies = any("content" in answer for status, answer in operation["responses"].items() if status < "300")
    return {
        *EVERYWHERE,
        *(METERED if metered else ()),
        *((406,) if bodies else ()),
        *(GUARDED if "security" in operation else ()),
        *((413, 415) if "requestBody" in operation else ()),
        *((409,) if "Idempotency-Key" in named else ()),
        *((412,) if "If-Match" in named else ()),
    }


def _special(operation: Part, method: str, status: str, *, cached: bool) -> tuple[str, ...]:
    named = {each.get("name") for each in operation.get("parameters", ())}
    found = {
        "Location": status in ("201", "202") and "security" in operation,
        "ETag": (cached and status == "200") or (method != "get" and "If-Match" in named and status != "204"),
        "Link": "cursor" in named and status == "200",
        "Preference-Applied": "Prefer" in named,
    }
    return tuple(name for name, there in found.items() if there)


def _with_headers(*names: str) -> Part:
    return {"headers": {name: {"$ref": f"#/components/headers/{name}"} for name in names}}


def _problems(status: int, kinds: list[ProblemKind]) -> Part:
    special = {401: ("WWW-Authenticate",), 429: ("RateLimit", "RateLimit-Policy", "Retry-After"), 503: ("Retry-After",)}
    examples = {kind.slug: {"summary": kind.title, "value": _example(kind)} for kind in kinds}
    schema = {"$ref": "#/components/schemas/Problem"}
    return {
        "description": "; or: ".join(kind.title for kind in kinds) + ".",
        **_with_headers("X-Request-Id", *special.get(status, ())),
        "content": {MEDIA_TYPE: {"schema": schema, "examples": examples}},
    }


def _example(kind: ProblemKind) -> Part:
    return {
        "type": kind.type,
        "title": kind.title,
        "status": kind.status,
        "detail": kind.example,
        "errors": [{"pointer": kind.pointer, "detail": kind.example}] if kind.pointer is not None else [],
        "request_id": HEADERS["X-Request-Id"]["example"],
    }
