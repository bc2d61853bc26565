"""Whatever an agent writes, judging it is quick: the event loop waits meanwhile."""

import time
from typing import Any

import pytest

from tests.evaluators.judging import judged

SIZE = 200_000
PIECES = [
    "a", "*", "** ", "**a", "answer is ", "answer: ", " ", "\n", "(", "\\boxed{", "{", "A ", "####", "option ",
    "</think>", "is ", "the ", "<answer>", "½", "_", "\"'", "1\n", "1,", "-", "\u202e", "\ud83d\ude00",
]  # fmt: skip
EVALUATORS: list[dict[str, Any]] = [
    {"kind": "exact", "ignore_articles": True, "extract": {"after": ["the answer is", "\\boxed{"]}},
    {"kind": "contains"},
    {"kind": "numeric"},
    {"kind": "choice"},
    {"kind": "choice", "rules": ["answer_is", "answer_colon", "last_letter"]},
    {"kind": "regex", "patterns": ["(?i)answer: (.*)"]},
]


@pytest.mark.parametrize("piece", PIECES, ids=repr)
async def test_a_monotonous_answer_is_judged_in_a_second(piece: str) -> None:
    reply = piece.encode("utf-16", "surrogatepass").decode("utf-16") * (SIZE // len(piece))
    for settings in EVALUATORS:
        expected = "1" if settings["kind"] == "numeric" else "B"
        choices = ["Rome", "Paris"] if settings["kind"] == "choice" else []
        rest = {key: value for key, value in settings.items() if key != "kind"}
        started = time.process_time()
        await judged(settings["kind"], reply, rest, expected=expected, choices=choices)
        assert time.process_time() - started < 1, settings
