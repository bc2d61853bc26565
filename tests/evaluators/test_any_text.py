"""Whatever is written, a rule evaluator says something between 0 and 1, or says why it cannot."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import CannotJudge
from core.verdicts import Scored
from tests.evaluators.judging import judged

PIECES = st.sampled_from(
    ["the", "Answer:", "####", "\\boxed{", "}", "{", "[1, 2]", '{"a": 1}', "```", "\n", "1/0", "1e999", "-", "½",
     "5 km", "°C", "A)", "</think>", "**", "\x00", "\ud800", "\u202e", "٣", "ﬁ", "İ"]
)  # fmt: skip
TEXTS = st.one_of(st.text(max_size=40), st.lists(PIECES, max_size=8).map(" ".join), st.lists(PIECES).map("".join))
SETTINGS: list[dict[str, Any]] = [
    {"kind": "exact", "ignore_articles": True},
    {"kind": "quasi_exact"},
    {"kind": "contains"},
    {"kind": "contains", "whole_words": False, "need": "none"},
    {"kind": "f1"},
    {"kind": "fuzzy"},
    {"kind": "fuzzy", "measure": "weighted_ratio", "threshold": 0.5},
    {"kind": "fuzzy", "measure": "jaro_winkler"},
    {"kind": "numeric"},
    {"kind": "numeric", "units": "convert"},
    {"kind": "choice"},
    {"kind": "regex", "patterns": ["(\\w+)$"], "compare": "numeric"},
    {"kind": "bleu"},
    {"kind": "bleu", "tokenize": "intl", "smooth": "none"},
    {"kind": "chrf", "word_order": 2},
    {"kind": "rouge", "measure": "rougeLsum", "stem": True},
    {"kind": "json", "compare": "expected"},
    {"kind": "json_schema", "schema": {"type": "object", "additionalProperties": {"pattern": "a+"}}},
    {"kind": "length", "max": 3},
    {"kind": "composite", "rule": "weighted", "of": [{"kind": "f1"}, {"kind": "exact"}]},
    {"kind": "composite", "rule": "first", "of": [{"kind": "numeric"}, {"kind": "fuzzy"}]},
]


@pytest.mark.parametrize("settings", SETTINGS, ids=lambda settings: "-".join(map(str, settings.values())))
@given(reply=TEXTS, expected=TEXTS)
async def test_every_text_gets_a_verdict(settings: dict[str, Any], reply: str, expected: str) -> None:
    reply, expected = _whole(reply), _whole(expected)
    rest = {key: value for key, value in settings.items() if key != "kind"}
    try:
        verdict = await judged(settings["kind"], reply, rest, expected=expected)
    except CannotJudge:
        return
    assert not isinstance(verdict, Scored) or 0 <= verdict.value <= 1


def _whole(text: str) -> str:
    """As a model carries it: pydantic takes no lone surrogates."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
