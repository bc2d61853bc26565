"""Whatever an agent writes, judging it is quick: the batch waits meanwhile."""

import time
from typing import Any

import pytest

from core.cases import Case, Reply
from evaluators.text_scores import LONGEST
from tests.evaluators.judging import opened

SIZE = 200_000
CHOICES = ("Rome", "Paris")
PIECES = [
    "a", "*", "** ", "**a", "answer is ", "answer: ", " ", "\n", "(", "\\boxed{", "{", "A ", "####", "option ",
    "</think>", "is ", "the ", "<answer>", "½", "_", "\"'", "1\n", "1,", "-", "\u202e", "\ud83d\ude00",
]  # fmt: skip
EVALUATORS: list[dict[str, Any]] = [
    {"kind": "exact", "ignore_articles": True, "extract": {"after": ["the answer is", "\\boxed{"]}},
    {"kind": "contains"},
    {"kind": "numeric"},
    {"kind": "numeric", "units": "convert"},
    {"kind": "choice"},
    {"kind": "choice", "rules": ["answer_is", "answer_colon", "last_letter"]},
    {"kind": "regex", "patterns": ["(?i)answer: (.*)"]},
    {"kind": "quasi_exact"},
    {"kind": "f1", "threshold": 0.5},
    {"kind": "fuzzy", "measure": "weighted_ratio"},
    {"kind": "bleu"},
    {"kind": "chrf", "word_order": 2},
    {"kind": "rouge"},
    {"kind": "json", "type": "object"},
    {"kind": "json_schema", "schema": {"type": "object"}},
    {"kind": "length", "max": 3},
]


@pytest.mark.parametrize("piece", PIECES, ids=repr)
async def test_a_monotonous_answer_is_judged_in_a_second(piece: str) -> None:
    text = piece.encode("utf-16", "surrogatepass").decode("utf-16") * (SIZE // len(piece))
    for settings in EVALUATORS:
        evaluator = opened(settings["kind"], {key: value for key, value in settings.items() if key != "kind"})
        if evaluator.prepare:
            evaluator.prepare()
        expected = "1" if settings["kind"] == "numeric" else "B"
        case = Case(id="1", input="", expected=expected, choices=CHOICES if settings["kind"] == "choice" else ())
        for length in (SIZE, LONGEST):
            started = time.process_time()
            await evaluator.evaluate(case, Reply(text=text[:length]))
            assert time.process_time() - started < 1, settings
