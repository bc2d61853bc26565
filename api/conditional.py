"""Answers that need not be sent again: every JSON answer to a GET has an `ETag`, and whoever has it is told 304."""

import hashlib
from typing import Final

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

PRIVATE: Final = "private, no-cache"
"""It may be kept by whoever asked, and is asked for again each time."""
BYTES: Final = 12
"""Of the digest: 2^48 answers to one address before two are likely to share a tag."""
KEPT: Final = ("link", "vary")


def conditional(request: Request, response: Response) -> Response:
    """The answer with its tag, or 304 if `If-None-Match` names it. The tag changes with every byte of the answer; it
    begins with the revision of what can be changed."""
    plain = response.status_code == 200 and response.headers.get("content-type", "").startswith("application/json")
    plain = plain and not isinstance(response, StreamingResponse)
    if request.method != "GET" or not plain:
        return response
    revision = response.headers.get("etag", "").strip('"')
    digest = hashlib.blake2b(bytes(response.body), digest_size=BYTES).hexdigest()
    tag = f'"{revision}.{digest}"' if revision else f'"{digest}"'
    told = {"ETag": tag, "Cache-Control": PRIVATE}
    if not names(request.headers.get("if-none-match", ""), tag):
        response.headers.update(told)
        return response
    return Response(
        status_code=304, headers=told | {name: response.headers[name] for name in KEPT if name in response.headers}
    )


def names(header: str, tag: str) -> bool:
    """Whether this `If-None-Match` does, by its weak comparison: a proxy that packs an answer weakens its tag."""
    return header.strip() == "*" or tag in {each.strip().removeprefix("W/") for each in header.split(",")}
