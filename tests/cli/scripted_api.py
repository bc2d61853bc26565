"""An HTTP server on loopback that answers as the test scripts it, for what a healthy API never does."""

import json
import threading
import time
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass(frozen=True)
class Answer:
    status: int = 200
    body: Any = None
    media_type: str = "application/json"
    headers: Mapping[str, str] = field(default_factory=dict[str, str])


@dataclass
class ScriptedApi:
    """Answers the requests to a path one after the other; the last answer is given again and again."""

    url: str
    answers: dict[str, list[Answer]]
    seen: list[tuple[str, str, dict[str, str], bytes]] = field(default_factory=list[Any])
    """Method, path with query, headers in lower case, body."""

    def answer(self, path: str) -> Answer:
        waiting = self.answers.get(path.partition("?")[0], [Answer(404, {"detail": f"nothing at {path}"})])
        return waiting.pop(0) if len(waiting) > 1 else waiting[0]


@contextmanager
def scripted_api(answers: dict[str, list[Answer]], *, ahead_s: float = 0) -> Generator[ScriptedApi]:
    """The server while the block runs; its clock is so many seconds ahead."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length") or 0))
            headers = {name.lower(): value for name, value in self.headers.items()}
            api.seen.append((self.command, self.path, headers, body))
            answer = api.answer(self.path)
            content = answer.body if isinstance(answer.body, bytes) else json.dumps(answer.body).encode()
            self.send_response(answer.status)
            self.send_header("content-type", answer.media_type)
            self.send_header("content-length", str(len(content)))
            for name, value in answer.headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(content)

        def date_time_string(self, timestamp: float | None = None) -> str:
            return super().date_time_string((timestamp or time.time()) + ahead_s)

        do_POST = do_PUT = do_PATCH = do_DELETE = do_GET

        def log_message(self, format: str, *args: Any) -> None:
            """Silent: what was asked is in `seen`."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    api = ScriptedApi(f"http://127.0.0.1:{server.server_port}", answers)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield api
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
