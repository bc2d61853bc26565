"""What the API complains of (RFC 9457), as a sentence and an exit code."""

from collections.abc import Sequence
from typing import Any, Final, NamedTuple, cast

import httpx2

from cli.exits import CommandError, Exit

AGENTS: Final = ("/problems/agent-failed", "/problems/timed-out")
"""The service is well; the agent it asked is not."""


class Place(NamedTuple):
    """What is wrong somewhere in a request."""

    pointer: str
    """A JSON pointer, or a parameter's name."""
    detail: str


class Problem(CommandError):
    """An answer of 4xx or 5xx."""

    def __init__(self, text: str, code: Exit, status: int, places: Sequence[Place] = ()) -> None:
        super().__init__(text, code)
        self.status = status
        self.places = tuple(places)


def problem(answer: httpx2.Response) -> Problem:
    """The problem in an answer: ours to mend (2), the agent's that was tried (4), or the server's or the key's (5)."""
    body = _body(answer)
    lines = [str(body.get("detail") or body.get("title") or f"{answer.status_code} {answer.reason_phrase}")]
    places = _places(body)
    if answer.status_code == 422 and any(place.pointer for place in places):
        # The detail says of the first place what stands there, and of the others how many there are.
        lines = [told(place) for place in places]
    else:
        lines += [f"  {place.detail}" for place in places if place.detail and place.detail not in lines[0]]
    if answer.status_code == 401:
        lines.append("Give the API key in BENCHMARK_API_KEY.")
    if answer.status_code == 403:
        lines.append("Give another API key in BENCHMARK_API_KEY, or have this one changed by `benchmark keys update`.")
    code = _code(answer.status_code, body)
    if answer.status_code >= 500 and code is Exit.SERVER and body.get("request_id"):
        lines.append(f"The server's log knows it as request {body['request_id']}.")
    return Problem("\n".join(lines), code, answer.status_code, places)


def _code(status: int, body: dict[str, Any]) -> Exit:
    if str(body.get("type")).endswith(AGENTS):
        return Exit.FAILED
    ours = 400 <= status < 500 and status not in (401, 403, 408, 429)
    return Exit.USAGE if ours else Exit.SERVER


def _body(answer: httpx2.Response) -> dict[str, Any]:
    try:
        content: Any = answer.json()
    except ValueError:
        return {}
    return cast("dict[str, Any]", content) if isinstance(content, dict) else {}


def told(place: Place) -> str:
    """The mistake behind its place, in the words of a file: `agents, entry 1, agent: ...`."""
    return f"{said_place(place.pointer)}: {place.detail}" if place.pointer else place.detail


def said_place(pointer: str) -> str:
    """A JSON pointer for people who wrote YAML.

    >>> said_place("/agents/0/agent/base_url")
    'agents, entry 1, agent, base_url'
    """
    parts = [part.replace("~1", "/").replace("~0", "~") for part in pointer.removeprefix("/").split("/")]
    return ", ".join(f"entry {int(part) + 1}" if part.isdigit() else part for part in parts)


def _places(body: dict[str, Any]) -> list[Place]:
    errors = body.get("errors")
    entries = cast("list[object]", errors) if isinstance(errors, list) else []
    found = (cast("dict[str, object]", entry) for entry in entries if isinstance(entry, dict))
    return [Place(str(entry.get("pointer") or ""), str(entry.get("detail") or "")) for entry in found]
