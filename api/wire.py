"""What is answered to bytes that are no HTTP request: a problem, as to everything else that goes wrong."""

from http import HTTPStatus
from typing import Final

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from api.problem_kinds import MALFORMED
from api.problems import problem_response

STATUS_LINE: Final = f"HTTP/1.1 {MALFORMED.status} {HTTPStatus(MALFORMED.status).phrase}\r\n".encode()
NOT_HTTP: Final = "These bytes are no HTTP/1.1 request."


class HttpProtocol(HttpToolsProtocol):
    """The server's protocol, in our words. No request was read, so there is none to number."""

    def send_400_response(self, msg: str) -> None:
        answer = problem_response(None, MALFORMED, NOT_HTTP, headers={"Connection": "close"})
        head = b"".join(name + b": " + value + b"\r\n" for name, value in answer.raw_headers)
        self.transport.write(STATUS_LINE + head + b"\r\n" + bytes(answer.body))
        self.transport.close()
