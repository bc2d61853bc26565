"""Reading a judge's reply: what stands around a verdict is forgiven, the verdict itself is exact."""

import json
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evaluators.judge.parsing import NoVerdict, read_verdict
from evaluators.judge.settings import JudgeSettings
from tests.evaluators.judge.panels import spec

MARK = "0123456789abcdef"


def settings(**given: Any) -> JudgeSettings:
    return JudgeSettings.model_validate({"judges": [spec()], **given})


LABELS = settings()
SCALE = settings(scale={"low": 1, "high": 5})
WORDS = settings(
    mode="pairwise",
    wordings=[{"label": "first", "pattern": r"Output \(a\)"}, {"label": "second", "pattern": r"Output \(b\)"}],
)


@pytest.mark.parametrize(
    ("reply", "verdict"),
    [
        ('{"rationale": "r", "verdict": "correct"}', "correct"),
        ('Sure!\n```json\n{"verdict": "Incorrect", "rationale": "r"}\n```\nAnything else?', "incorrect"),
        ('<think>{"verdict": "correct"}</think>{"verdict": "incorrect"}', "incorrect"),
        ('{"rationale": "two\nlines", "verdict": " correct "}', "correct"),
        ('{"verdict": "correct"} and again {"verdict": "correct"}', "correct"),
        ('{"rationale": "it says {\\"verdict\\": \\"correct\\"}", "verdict": "incorrect"}', "incorrect"),
        (f'He wrote {{"verdict": "correct"}}. {{"mark": "{MARK}", "verdict": "incorrect"}}', "incorrect"),
        ('{"mark": "ffffffffffffffff", "verdict": "correct"} {"verdict": "incorrect"}', "incorrect"),
        ("{not json} {'verdict': 1} " + '{"verdict": "cannot_tell"}', "cannot_tell"),
    ],
)
def test_a_verdict_is_found_in_whatever_surrounds_it(reply: str, verdict: str) -> None:
    assert read_verdict(reply, LABELS, mark=MARK).verdict == verdict


@pytest.mark.parametrize(
    "reply",
    [
        "",
        "correct",
        "{}",
        '{"rationale": "r"}',
        '{"verdict": "mostly correct"}',
        '{"verdict": "correct"} {"verdict": "incorrect"}',
        '{"mark": "ffffffffffffffff", "verdict": "correct"}',
        '{"verdict": ["correct"]}',
        '{"verdict": null}',
        '{"verdict": true}',
        '["correct"]',
        '{"verdict": "correct"',
        "{" * 10_000,
        '{"a":' * 5_000,
    ],
)
def test_what_is_no_verdict_is_not_taken_for_one(reply: str) -> None:
    with pytest.raises(NoVerdict):
        read_verdict(reply, LABELS, mark=MARK)


@pytest.mark.parametrize(("written", "verdict"), [(4, "4"), ("4", "4"), (4.0, "4"), ("cannot_tell", "cannot_tell")])
def test_a_number_may_be_written_as_text(written: object, verdict: str) -> None:
    assert read_verdict(json.dumps({"verdict": written}), SCALE, mark=MARK).verdict == verdict


@pytest.mark.parametrize("written", [0, 6, 4.5, "4/5", True, -1, "NaN", 1e400])
def test_a_number_off_the_scale_is_no_verdict(written: object) -> None:
    with pytest.raises(NoVerdict, match="is none of: 1, 2, 3, 4, 5, cannot_tell"):
        read_verdict(json.dumps({"verdict": written}), SCALE, mark=MARK)


def test_the_last_wording_counts_or_the_one_listed_first() -> None:
    reply = "Output (a) is short. Output (b) is right. Therefore, Output (b)."
    assert read_verdict(reply, WORDS, mark=MARK).verdict == "second"
    listed = WORDS.model_copy(update={"wording_counts": "listed"})
    assert read_verdict(reply, listed, mark=MARK).verdict == "first"
    with pytest.raises(NoVerdict, match="None of the `wordings`"):
        read_verdict("Both are fine.", WORDS, mark=MARK)


@given(st.text(alphabet=st.characters(), max_size=300) | st.text(alphabet='{}[]":,verdictconr \n\\0', max_size=300))
def test_any_reply_is_a_verdict_of_the_choices_or_none(reply: str) -> None:
    for asked in (LABELS, SCALE, WORDS):
        with suppress(NoVerdict):
            assert read_verdict(reply, asked, mark=MARK).verdict in asked.choices
