"""Replies as models really give them, through the whole service: odd ones are right or wrong, and never errors."""

import json
from collections import deque
from typing import Any

import pytest

from tests.end_to_end.deployment import Deployment
from tests.end_to_end.user import User
from tests.providers import Asked, Provider
from tests.shapes import Says

QUESTION = "Tom has 3 apples and buys 4 more. How many has he?"
ANSWER = "3 + 4 = <<3+4=7>>7\n#### 7"
REPLIES: dict[str, tuple[str | Says, float, float]] = {
    "as asked": ("3 + 4 = 7\n#### 7", 1, 1),
    "in blank space": (" \n\t\r\n A: 7 \n\n\u00a0\u200b", 1, 1),
    "with Windows line ends": ("He has 3 + 4.\r\nA: 7\r\n", 1, 1),
    "in words of its own": ("He has 7 apples now.", 0, 1),
    "broken off": ("He has 3 apples and buys 7", 0, 1),
    "wrong": ("#### 8", 0, 0),
    "empty": ("", 0, 0),
    "blank": ("  \n ", 0, 0),
    "without content": (Says(None), 0, 0),
    "all thought, no answer": (Says("", finish="length"), 0, 0),
    "in other scripts and pictures": ("三加四 😀 \U0001f9ee\u202e\u0007\n#### 7", 1, 1),
}
"""What the model says, and what it scores: strictly, and with the last number taken for the answer."""


@pytest.mark.timeout(120)
async def test_odd_replies_are_right_or_wrong_but_never_errors(user: User, deployment: Deployment) -> None:
    said = deque(REPLIES.values())
    folder = deployment.files / "odd" / "gsm8k"
    folder.mkdir(parents=True)
    # The same question again and again: each is a case of its own.
    row = json.dumps({"question": QUESTION, "answer": ANSWER})
    (folder / "test.jsonl").write_text(f"{row}\n" * len(REPLIES))

    def answer(asked: Asked) -> str | Says:
        assert QUESTION in asked.prompt
        return said.popleft()[0]

    async with Provider(answer) as provider:
        agent = {"kind": "openai", "model": "odd", "base_url": provider.url}
        body = {
            "benchmark": "gsm8k",
            "folder": str(folder.parent),
            "agents": [{"name": "odd", "agent": agent, "concurrency": 1}],
        }
        run = await user.ended(await user.submit(body))
    figures = await user.results(run["run_id"])
    items = (await user.look(figures["raw_responses_url"], limit=100))["items"]
    assert [item["detail"] for item in items if item["status"] != "answered"] == []
    assert (figures["coverage"], figures["metrics"]["unscored"]) == (1.0, 0)
    assert (run["status"], run["error"], run["validity"]) == ("completed", None, "valid")
    expected = [(name, strict, kind) for name, (_, strict, kind) in REPLIES.items()]
    assert [(name, *scores(item)) for name, item in zip(REPLIES, items, strict=True)] == expected


def scores(item: dict[str, Any]) -> tuple[float, float]:
    found = {score["evaluator"]: score["value"] for score in item["scores"]}
    return found["numeric"], found["last-number"]
