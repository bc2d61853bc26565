"""What the API complains of (RFC 9457), as a sentence and an exit code."""

from typing import Any, Final, cast

import httpx2

from cli.exits import CommandError, Exit

AGENTS: Final = ("/problems/agent-failed", "/problems/timed-out")
"""The service is well; the agent it asked is not."""


class Problem(CommandError):
    """An answer of 4xx or 5xx."""

    def __init__(self, text: str, code: Exit, status: int) -> None:
        super().__init__(text, code)
        self.status = status


def problem(answer: httpx2.Response) -> Problem:
    """The problem in an answer: ours to mend (2), the agent's that was tried (4), or the server's or the key's (5)."""
    body = _body(answer)
    lines = [str(body.get("detail") or body.get("title") or f"{answer.status_code} {answer.reason_phrase}")]
    errors = body.get("errors")
    for error in cast("list[object]", errors) if isinstance(errors, list) else []:
        lines += _place(error, said=lines[0])
    if answer.status_code in (401, 403):
        lines.append("Give the API key in BENCHMARK_API_KEY.")
    code = _code(answer.status_code, body)
    if answer.status_code >= 500 and code is Exit.SERVER and body.get("request_id"):
        lines.append(f"The server's log knows it as request {body['request_id']}.")
    return Problem("\n".join(lines), code, answer.status_code)


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


def _place(error: object, *, said: str) -> list[str]:
    """The line about one wrong field, less what the detail has said already."""
    if not isinstance(error, dict):
        return []
    entry = cast("dict[str, object]", error)
    pointer, detail = str(entry.get("pointer") or ""), str(entry.get("detail") or "")
    parts = [f"at {pointer}"] if pointer and pointer not in said else []
    parts += [detail] if detail not in said else []
    return [f"  {': '.join(parts)}"] if parts else []
