"""The service's REST API as the commands use it: the Python client's requests, retries and pages, but JSON in and out,
and every problem a sentence with an exit code."""

import copy
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime
from email.utils import parsedate_to_datetime
from types import TracebackType
from typing import Any, Final, TypeVar

import httpx2

from benchmark_client.address import Address
from benchmark_client.answering import accepted, pieces, read_as
from benchmark_client.blocking import BlockingPort
from benchmark_client.errors import ClientError, Problem, Unreachable
from benchmark_client.models.answer import Page
from benchmark_client.patience import Patience
from benchmark_client.requests import TRIAL_S, UPLOAD_S, Document, Request, delete, get, patch, post, put, unkeyed
from benchmark_client.series import listing
from benchmark_client.steps import Flow
from benchmark_client.transport import options
from cli.exits import CommandError, Exit
from cli.output import say
from cli.problems import command_error
from core.runs import Run

TIMEOUT_S: Final = 30.0
PATIENCE_S: Final = 60.0
"""How long a request is sent again: when the API says when to come back, and for `patient` when it is away."""
AGENT: Final = "benchmark-cli"
LONGEST_PAUSE_S: Final = 1.0
T = TypeVar("T")


class Client:
    """One API. A context manager; not for use by several threads at once.

    Every method raises CommandError. An API that nobody answers for is not waited for, unless `patient` asks.
    """

    def __init__(
        self,
        address: Address,
        key: str | None = None,
        *,
        patience_s: float = PATIENCE_S,
        timeout_s: float = TIMEOUT_S,
    ) -> None:
        self.address = address
        self._patience_s = patience_s
        self._http = httpx2.Client(**options(address.url, key, timeout_s, agent=AGENT))
        self._port = BlockingPort(self._http, Patience(total_s=patience_s, for_absent=False, told=self._teller(say)))

    def __enter__(self) -> "Client":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._http.close()

    def patient(self, say: Callable[[str], None]) -> "Client":
        """The same, but an API that went away is waited for, a restart say; whoever reads is told so once."""
        patience = Patience(tries=10_000, total_s=self._patience_s, longest_s=LONGEST_PAUSE_S, told=self._teller(say))
        twin = copy.copy(self)
        twin._port = BlockingPort(self._http, patience)
        return twin

    def get(self, path: str, **query: Any) -> Any:
        """The JSON there. A query of None is left out."""
        return self._json(get(path, **query))

    def post(self, path: str, body: Any = None, **query: Any) -> Any:
        """Sends JSON, or nothing for None; the JSON of the answer, None for an empty one. Done once, however often it
        has to be sent."""
        return self._json(post(path, body, **query))

    def try_out(self, path: str, body: Any) -> Any:
        """As `post`, for what is done each time it is sent, and takes an agent's time."""
        return self._json(unkeyed(path, body, TRIAL_S))

    def patch(self, path: str, body: Any) -> Any:
        return self._json(patch(path, body))

    def put(self, path: str, body: Any) -> Any:
        return self._json(put(path, body))

    def delete(self, path: str, **query: Any) -> None:
        self._json(delete(path, **query))

    def upload(self, path: str, content: bytes, **query: Any) -> Any:
        request = post(path, Document(content, "application/octet-stream"), **query)
        return self._json(replace(request, timeout_s=UPLOAD_S))

    def date(self) -> datetime:
        """The API's clock, to the second."""
        answer = self._performed(accepted(get("/health"), self._port.patience))
        told = answer.headers.get("date", "")
        try:
            return parsedate_to_datetime(told)
        except ValueError as error:
            raise CommandError(f"{self.address.url} does not tell the time: {told!r}.", Exit.SERVER) from error

    def download(self, path: str, **query: Any) -> Iterator[bytes]:
        """What is there, piece by piece and to its end; it may break off."""
        request = get(path, **query).with_headers({"Accept": "*/*"})
        return self._handed_out(pieces(request, self._port.patience))

    def listing(self, path: str, *, most: int, **query: Any) -> Iterator[Any]:
        """The first `most` things of a list, page by page."""
        return self._handed_out(listing(Page[Any], get(path, **query), most).flow(self._port.patience))

    def run(self, run_id: str) -> Run:
        """Where the run stands."""
        return run_from(self.get(f"/v1/runs/{run_id}"))

    def _json(self, request: Request) -> Any:
        return self._performed(_content(request, self._port.patience))

    def _performed(self, flow: Flow[T]) -> T:
        try:
            return self._port.perform(flow)
        except ClientError as error:
            raise command_error(error, self.address) from error

    def _handed_out(self, flow: Flow[None]) -> Iterator[Any]:
        try:
            yield from self._port.iterate(flow)
        except ClientError as error:
            raise command_error(error, self.address) from error

    def _teller(self, say: Callable[[str], None]) -> Callable[[Problem | Unreachable, float], None]:
        told: list[str] = []

        def tell(complaint: Problem | Unreachable, seconds: float) -> None:
            if not told:
                told.append(str(command_error(complaint, self.address)))
                say(f"{told[0]} Trying again, for {self._patience_s:.0f} s at most ...")

        return tell


def run_from(data: Any) -> Run:
    """A run as the API tells it. What a newer API tells besides is ignored, and so are the settings of plugins."""
    return Run.model_validate(data, extra="ignore")


def _content(request: Request, patience: Patience) -> Flow[Any]:
    answer = yield from accepted(request, patience)
    return read_as(object, answer) if answer.content else None
