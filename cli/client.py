"""The service's REST API as the commands use it: JSON in and out, and every problem a sentence with an exit code."""

import time
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from email.utils import parsedate_to_datetime
from types import TracebackType
from typing import Any, Final, TypeVar

import httpx2

from benchmark_client.address import Address
from cli.exits import CommandError, Exit
from cli.problems import problem
from core.runs import Run

TIMEOUT_S: Final = 30.0
CONNECT_S: Final = 5.0
PATIENCE_S: Final = 60.0
"""How long `patiently` waits for an API that went away, a restart say."""
T = TypeVar("T")


class Client:
    """One API. A context manager; not for use by several threads at once."""

    def __init__(
        self,
        address: Address,
        key: str | None = None,
        *,
        patience_s: float = PATIENCE_S,
        timeout_s: float = TIMEOUT_S,
    ) -> None:
        headers = {"Accept": "application/json", "User-Agent": "benchmark-cli"}
        if key:
            headers["Authorization"] = f"Bearer {key}"
        self.address = address
        self._patience_s = patience_s
        # A proxy for the internet has no business between us and a service on this machine.
        local = httpx2.URL(address.url).host in ("127.0.0.1", "localhost", "::1")
        timeout = httpx2.Timeout(timeout_s, connect=min(CONNECT_S, timeout_s))
        self._http = httpx2.Client(base_url=address.url, headers=headers, timeout=timeout, trust_env=not local)

    def __enter__(self) -> "Client":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._http.close()

    def get(self, path: str, **query: Any) -> Any:
        """The JSON there. A query of None is left out. Raises CommandError."""
        return self._json("GET", path, params=_given(query))

    def post(self, path: str, body: Any = None, *, headers: Mapping[str, str] | None = None, **query: Any) -> Any:
        """Sends JSON, or nothing for None; the JSON of the answer, None for an empty one. Raises CommandError."""
        content: dict[str, Any] = {} if body is None else {"json": body}
        return self._json("POST", path, params=_given(query), headers=dict(headers or {}), **content)

    def patch(self, path: str, body: Any) -> Any:
        """Raises CommandError."""
        return self._json("PATCH", path, json=body)

    def put(self, path: str, body: Any) -> Any:
        """Raises CommandError."""
        return self._json("PUT", path, json=body)

    def delete(self, path: str) -> None:
        """Raises CommandError."""
        self._answer("DELETE", path)

    def upload(self, path: str, form: Mapping[str, str], file: tuple[str, bytes]) -> Any:
        """Sends a file (name, content) with a form. Raises CommandError."""
        return self._json("POST", path, data=dict(form), files={"file": file}, timeout=httpx2.Timeout(600.0))

    def date(self) -> datetime:
        """The API's clock, to the second. Raises CommandError."""
        told = self._answer("GET", "/health").headers.get("date", "")
        try:
            return parsedate_to_datetime(told)
        except ValueError as error:
            raise CommandError(f"{self.address.url} does not tell the time: {told!r}.", Exit.SERVER) from error

    def text(self, path: str) -> str:
        return self._answer("GET", path).text

    def download(self, path: str, **query: Any) -> Iterator[bytes]:
        """What is there, piece by piece and to its end. Raises CommandError, also where it breaks off."""
        try:
            with self._http.stream("GET", path, params=_given(query), headers={"Accept": "*/*"}) as answer:
                if not answer.is_success:
                    answer.read()
                    raise problem(answer)
                yield from answer.iter_bytes()
        except httpx2.TransportError as error:
            raise CommandError(self._no_answer(error), Exit.SERVER) from error

    def listing(self, path: str, *, most: int, **query: Any) -> Iterator[Any]:
        """The first `most` things of a list, page by page. Raises CommandError."""
        cursor: str | None = None
        while most > 0:
            page = self.get(path, limit=min(most, 100), cursor=cursor, **query)
            yield from page["items"][:most]
            most -= len(page["items"])
            cursor = page.get("next_cursor")
            if not cursor:
                return

    def run(self, run_id: str) -> Run:
        """Where the run stands. Raises CommandError."""
        return run_from(self.get(f"/v1/runs/{run_id}"))

    def patiently(self, ask: Callable[[], T], say: Callable[[str], None]) -> T:
        """Asks until the API answers: it may be restarting. Raises CommandError when it stays away or says no."""
        deadline = time.monotonic() + self._patience_s
        told = False
        while True:
            try:
                return ask()
            except CommandError as error:
                if error.code is not Exit.SERVER or not _is_absence(error) or time.monotonic() > deadline:
                    raise
                if not told:
                    say(f"{error} Trying again ...")
                    told = True
                time.sleep(1)

    def _json(self, method: str, path: str, **options: Any) -> Any:
        answer = self._answer(method, path, **options)
        if not answer.content:
            return None
        try:
            return answer.json()
        except ValueError as error:
            raise CommandError(f"{answer.url} answers, but not as the benchmark API does.", Exit.SERVER) from error

    def _answer(self, method: str, path: str, **options: Any) -> httpx2.Response:
        try:
            answer = self._http.request(method, path, **options)
        except httpx2.TransportError as error:
            raise CommandError(self._no_answer(error), Exit.SERVER) from error
        if answer.is_success:
            return answer
        raise problem(answer)

    def _no_answer(self, error: httpx2.TransportError) -> str:
        where = f"{self.address.url} ({self.address.source})"
        if isinstance(error, httpx2.ConnectError):
            return f"No API answers at {where}. Start one with `benchmark dev` or `benchmark serve`."
        return f"The API at {where} did not finish its answer: {type(error).__name__} {error}".rstrip() + "."


def run_from(data: Any) -> Run:
    """A run as the API tells it. What a newer API tells besides is ignored, and so are the settings of plugins."""
    return Run.model_validate(data, extra="ignore")


def _given(query: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in query.items() if value is not None}


def _is_absence(error: CommandError) -> bool:
    """Whether nobody answered, or somebody in front said that nobody does."""
    return isinstance(error.__cause__, httpx2.TransportError) or getattr(error, "status", None) in (502, 503, 504)
