"""Runs sent to a tracking server of MLflow, by its REST API: nothing of MLflow need be installed."""

import os
from collections.abc import Iterable, Iterator, Sequence
from types import TracebackType
from typing import Any, Final
from urllib.parse import quote, urlsplit

import httpx2

from cli.exits import CommandError, Exit
from cli.tracked_runs import KEY, TrackedRun

API: Final = "/api/2.0/mlflow"
ARTIFACTS: Final = "/api/2.0/mlflow-artifacts/artifacts"
PROXIED: Final = "mlflow-artifacts:"
"""How the place of artifacts begins that the server itself takes."""
TIMEOUT_S: Final = 60.0
MOST_PARAMETERS: Final = 100
MOST_METRICS: Final = 500
"""Of a request; the server takes no more parameters, and twice as many metrics."""
MISSING: Final = "RESOURCE_DOES_NOT_EXIST"


class Refused(CommandError):
    """The server said no; `word` is its own for why."""

    def __init__(self, message: str, word: str) -> None:
        super().__init__(message, Exit.SERVER)
        self.word = word


class TrackingServer:
    """One server. A context manager. Every method raises CommandError."""

    def __init__(self, told: str | None) -> None:
        self.url = (told or os.environ.get("MLFLOW_TRACKING_URI") or "").rstrip("/")
        if urlsplit(self.url).scheme not in ("http", "https"):
            said = f", not {self.url!r}" if self.url else ""
            raise CommandError(
                f"Say where the tracking server is: --to http://HOST:PORT, or MLFLOW_TRACKING_URI{said}."
            )
        self._http = httpx2.Client(timeout=TIMEOUT_S, headers=_token(), auth=_user())

    def __enter__(self) -> "TrackingServer":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._http.close()

    def experiment(self, name: str) -> str:
        """The id of the experiment of this name, which is made if there is none."""
        try:
            found = self._ask("GET", "/experiments/get-by-name", params={"experiment_name": name})
        except Refused as error:
            if error.word != MISSING:
                raise
            return str(self._ask("POST", "/experiments/create", json={"name": name})["experiment_id"])
        if found["experiment"].get("lifecycle_stage") == "deleted":
            raise CommandError(
                f"The experiment {name!r} is deleted in MLflow; restore it there, or remove it for good."
            )
        return str(found["experiment"]["experiment_id"])

    def find(self, experiment: str, key: str) -> dict[str, Any] | None:
        """What is told of the run with this key."""
        quoted = key.replace("'", "\\'")
        wanted = {"experiment_ids": [experiment], "filter": f"tags.`{KEY}` = '{quoted}'", "max_results": 1}
        runs = self._ask("POST", "/runs/search", json=wanted).get("runs", [])
        return runs[0]["info"] if runs else None

    def begin(self, experiment: str, run: TrackedRun) -> dict[str, Any]:
        tags = [{"key": name, "value": value} for name, value in run.tags.items()]
        body = {"experiment_id": experiment, "run_name": run.name, "start_time": run.began_ms, "tags": tags}
        return self._ask("POST", "/runs/create", json=body)["run"]["info"]

    def fill(self, run_id: str, run: TrackedRun) -> None:
        """Parameters, metrics and the dataset; what is there already stays the same."""
        for part in batched(run.parameters.items(), MOST_PARAMETERS):
            self._log(run_id, params=[{"key": name, "value": value} for name, value in part])
        for part in batched(run.metrics.items(), MOST_METRICS):
            told = [{"key": name, "value": value, "timestamp": run.ended_ms, "step": 0} for name, value in part]
            self._log(run_id, metrics=told)
        context = [{"key": "mlflow.data.context", "value": "evaluation"}]
        self._ask(
            "POST", "/runs/log-inputs", json={"run_id": run_id, "datasets": [{"dataset": run.dataset, "tags": context}]}
        )

    def keep(self, info: dict[str, Any], name: str, content: Iterable[bytes]) -> bool:
        """A file of the run; False where the server takes none itself."""
        place = str(info.get("artifact_uri", ""))
        if not place.startswith(PROXIED):
            return False
        path = quote(urlsplit(place).path.strip("/"))
        self._send("PUT", f"{ARTIFACTS}/{path}/{name}", content=content)
        return True

    def end(self, run_id: str, run: TrackedRun) -> None:
        """Last: a run that is not ended is filled again the next time."""
        body = {"run_id": run_id, "status": run.status, "end_time": run.ended_ms}
        self._ask("POST", "/runs/update", json=body)

    def _log(self, run_id: str, **told: list[dict[str, Any]]) -> None:
        self._ask("POST", "/runs/log-batch", json={"run_id": run_id, **told})

    def _ask(self, method: str, path: str, **told: Any) -> dict[str, Any]:
        answer = self._send(method, f"{API}{path}", **told)
        try:
            found: dict[str, Any] = answer.json()
            return found
        except ValueError as error:
            raise self._strange(answer) from error

    def _send(self, method: str, path: str, **told: Any) -> httpx2.Response:
        try:
            answer = self._http.request(method, f"{self.url}{path}", **told)
        except httpx2.HTTPError as error:
            said = str(error) or type(error).__name__
            raise CommandError(f"The tracking server at {self.url} does not answer: {said}.", Exit.SERVER) from error
        if answer.is_success:
            return answer
        try:
            problem = answer.json()
            code, message = str(problem["error_code"]), str(problem.get("message", ""))
        except (ValueError, KeyError, TypeError) as error:
            raise self._strange(answer) from error
        raise Refused(f"The tracking server at {self.url} refused it: {code}, {message}", code)

    def _strange(self, answer: httpx2.Response) -> CommandError:
        hint = " Set MLFLOW_TRACKING_TOKEN, or MLFLOW_TRACKING_USERNAME and _PASSWORD." * (
            answer.status_code in (401, 403)
        )
        said = f"{self.url} answered HTTP {answer.status_code}, not as a tracking server of MLflow does.{hint}"
        return CommandError(said, Exit.SERVER)


def batched(entries: Iterable[tuple[str, Any]], most: int) -> Iterator[Sequence[tuple[str, Any]]]:
    known = list(entries)
    for start in range(0, len(known), most):
        yield known[start : start + most]


def _token() -> dict[str, str]:
    token = os.environ.get("MLFLOW_TRACKING_TOKEN")
    return {"Authorization": f"Bearer {token}"} if token else {}


def _user() -> tuple[str, str] | None:
    name = os.environ.get("MLFLOW_TRACKING_USERNAME")
    return (name, os.environ.get("MLFLOW_TRACKING_PASSWORD", "")) if name else None
