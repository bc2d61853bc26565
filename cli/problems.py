"""What went wrong between us and the API, as a sentence and an exit code."""

from collections.abc import Sequence
from typing import Final

from benchmark_client import errors
from benchmark_client.address import Address
from benchmark_client.errors import ClientError, Place, Unreachable
from cli.exits import CommandError, Exit

AGENTS: Final = (errors.AgentFailed, errors.TimedOut)
"""The service is well; the agent it asked is not."""


class Problem(CommandError):
    """An answer of 4xx or 5xx."""

    def __init__(self, text: str, code: Exit, status: int, places: Sequence[Place] = ()) -> None:
        super().__init__(text, code)
        self.status = status
        self.places = tuple(places)


def command_error(error: ClientError, address: Address) -> CommandError:
    """What ends a command that met this: ours to mend (2), the agent's that was tried (4), or the server's or the
    key's (5)."""
    if isinstance(error, errors.Problem):
        return _problem(error)
    if isinstance(error, Unreachable) and not error.sent:
        where = f"{address.url} ({address.source})"
        return CommandError(
            f"No API answers at {where}. Start one with `benchmark dev` or `benchmark serve`.", Exit.SERVER
        )
    if isinstance(error, errors.NotUnderstood):
        return CommandError(f"{address.url} answers, but not as the benchmark API does.", Exit.SERVER)
    return CommandError(str(error), Exit.SERVER)


def _problem(error: errors.Problem) -> Problem:
    lines = [error.detail]
    if error.status == 422 and any(place.pointer for place in error.errors):
        # The detail says of the first place what stands there, and of the others how many there are.
        lines = [told(place) for place in error.errors]
    else:
        lines += [f"  {place.detail}" for place in error.errors if place.detail and place.detail not in error.detail]
    if error.status == 401:
        lines.append("Give the API key in BENCHMARK_API_KEY.")
    if error.status == 403:
        lines.append("Give another API key in BENCHMARK_API_KEY, or have this one changed by `benchmark keys update`.")
    code = _code(error)
    if error.status >= 500 and code is Exit.SERVER and error.request_id:
        lines.append(f"The server's log knows it as request {error.request_id}.")
    return Problem("\n".join(lines), code, error.status, error.errors)


def _code(error: errors.Problem) -> Exit:
    if isinstance(error, AGENTS):
        return Exit.FAILED
    ours = 400 <= error.status < 500 and error.status not in (401, 403, 408, 429)
    return Exit.USAGE if ours else Exit.SERVER


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
