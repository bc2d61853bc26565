"""A tracking server on loopback that holds to what MLflow's REST API says of the few calls that are made."""

import json
import threading
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

MOST = {"params": 100, "metrics": 1000, "tags": 100}


@dataclass
class Tracked:
    """What the server has, and what it was told."""

    url: str = ""
    experiments: dict[str, str] = field(default_factory=dict[str, str])
    """Ids by name."""
    runs: dict[str, dict[str, Any]] = field(default_factory=dict[str, dict[str, Any]])
    files: dict[str, bytes] = field(default_factory=dict[str, bytes])
    authorization: set[str | None] = field(default_factory=set[str | None])
    breaks_at: str = ""
    """A call that is answered 500, as long as it is set."""

    def answer(self, path: str, query: dict[str, str], body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        if self.breaks_at and path.endswith(self.breaks_at):
            return 500, {"error_code": "INTERNAL_ERROR", "message": "The disk is full."}
        match path.removeprefix("/api/2.0/mlflow"):
            case "/experiments/get-by-name":
                return self._experiment(query["experiment_name"])
            case "/experiments/create":
                self.experiments[body["name"]] = str(len(self.experiments) + 1)
                return 200, {"experiment_id": self.experiments[body["name"]]}
            case "/runs/search":
                wanted = body["filter"].removeprefix("tags.`benchmark.key` = '").removesuffix("'")
                found = [run for run in self.runs.values() if run["tags"]["benchmark.key"] == wanted]
                return 200, {"runs": [{"info": run["info"]} for run in found]} if found else {}
            case "/runs/create":
                return 200, {"run": {"info": self._begun(body)["info"]}}
            case "/runs/log-batch":
                return self._logged(body)
            case "/runs/log-inputs":
                self.runs[body["run_id"]]["datasets"] = [each["dataset"] for each in body["datasets"]]
            case "/runs/update":
                self.runs[body["run_id"]]["info"] |= {"status": body["status"], "end_time": body["end_time"]}
            case _:
                return 404, {"error_code": "ENDPOINT_NOT_FOUND", "message": path}
        return 200, {}

    def _experiment(self, name: str) -> tuple[int, dict[str, Any]]:
        if name not in self.experiments:
            return 404, {"error_code": "RESOURCE_DOES_NOT_EXIST", "message": f"No experiment {name}"}
        return 200, {"experiment": {"experiment_id": self.experiments[name], "lifecycle_stage": "active"}}

    def _begun(self, body: dict[str, Any]) -> dict[str, Any]:
        run_id = f"{len(self.runs):032x}"
        place = f"mlflow-artifacts:/{body['experiment_id']}/{run_id}/artifacts"
        info = {"run_id": run_id, "status": "RUNNING", "artifact_uri": place, "run_name": body["run_name"]}
        tags = {each["key"]: each["value"] for each in body["tags"]}
        self.runs[run_id] = {"info": info, "tags": tags, "params": {}, "metrics": {}}
        return self.runs[run_id]

    def _logged(self, body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        run = self.runs[body["run_id"]]
        for kind, most in MOST.items():
            if len(body.get(kind, [])) > most:
                return 400, {"error_code": "INVALID_PARAMETER_VALUE", "message": f"more than {most} {kind}"}
        for each in body.get("params", []):
            if run["params"].setdefault(each["key"], each["value"]) != each["value"]:
                return 400, {"error_code": "INVALID_PARAMETER_VALUE", "message": "a parameter does not change"}
        run["metrics"] |= {each["key"]: each["value"] for each in body.get("metrics", [])}
        return 200, {}


@contextmanager
def tracking() -> Generator[Tracked]:
    tracked = Tracked()

    class Handler(BaseHTTPRequestHandler):
        def _body(self) -> bytes:
            if self.headers.get("transfer-encoding") == "chunked":
                parts: list[bytes] = []
                while size := int(self.rfile.readline(), 16):
                    parts.append(self.rfile.read(size))
                    self.rfile.readline()
                self.rfile.readline()
                return b"".join(parts)
            return self.rfile.read(int(self.headers.get("content-length", "0")))

        def do_GET(self) -> None:
            self._answer({})

        def do_POST(self) -> None:
            self._answer(json.loads(self._body()))

        def do_PUT(self) -> None:
            tracked.files[self.path] = self._body()
            self._send(200, {})

        def _answer(self, body: dict[str, Any]) -> None:
            tracked.authorization.add(self.headers.get("authorization"))
            parts = urlsplit(self.path)
            query = {name: values[0] for name, values in parse_qs(parts.query).items()}
            self._send(*tracked.answer(parts.path, query, body))

        def _send(self, status: int, told: dict[str, Any]) -> None:
            content = json.dumps(told).encode()
            self.send_response(status)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, format: str, *args: Any) -> None:
            """Nobody reads it."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        tracked.url = f"http://127.0.0.1:{server.server_port}"
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield tracked
        finally:
            server.shutdown()
            thread.join()
