"""Forms of our own pages: a post that comes from anywhere else is refused."""

from typing import Annotated, Final
from urllib.parse import urlsplit

from fastapi import Depends, Request
from starlette.responses import RedirectResponse

from api.problem_kinds import FORBIDDEN
from api.problems import ProblemError
from api.sessions import PAGES

ELSEWHERE: Final = "This form was not sent by a page of this service. Open the page here, and send it from there."


async def _from_here(request: Request) -> None:
    """Raises ProblemError (403)."""
    told = request.headers.get("sec-fetch-site")
    origin = urlsplit(request.headers.get("origin", "")).netloc
    if told != "same-origin" and (told is not None or origin != request.headers.get("host")):
        raise ProblemError(FORBIDDEN, ELSEWHERE)


FromHere = Annotated[None, Depends(_from_here)]
"""The parameter of every screen that changes something."""


def gone_to(address: str) -> RedirectResponse:
    """Look there now: what was posted is done, and loading the page again does not do it twice."""
    return RedirectResponse(address, 303)


def ours(address: str) -> str:
    """The address if it is one of our pages, else the first page: nobody is sent elsewhere by a link that was made
    for that."""
    fine = address.startswith((f"{PAGES}/", f"{PAGES}?")) and not {"\\", "\r", "\n"} & set(address)
    return address if fine else PAGES
