"""A wrong answer is read beside its question and what was expected."""

import io
from typing import Any

import pytest
from rich.console import Console

from cli.items import items_view, list_items
from tests.cli import examples
from tests.cli.scripted_api import Answer, scripted_api

WRONG: dict[str, Any] = {
    "case_id": "capitals-3",
    "agent_id": "small model",
    "trial": 1,
    "category": "asia",
    "status": "answered",
    "text": "It is\n[bold]Kyoto[/bold]",
    "input": "Capital of Japan?",
    "expected": "Tokyo",
    "latency_s": 0.25,
    "cost_usd": None,
    "scores": [{"evaluator": "contains", "value": 0.0}, {"evaluator": "close enough", "value": None}],
}

MATCH = {"kind": "match", "first": "old", "second": "new"}


def rendered(*items: dict[str, Any], width: int = 100) -> str:
    console = Console(width=width, file=io.StringIO())
    console.print(items_view(list(items)))
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def test_question_expectation_and_answer_stand_together() -> None:
    lines = [line.strip() for line in rendered(WRONG).splitlines()]
    assert lines[1:] == ["question Capital of Japan?", "expected Tokyo", "answer   It is [bold]Kyoto[/bold]"]


def test_every_evaluator_is_named_with_its_score() -> None:
    headline = rendered(WRONG).splitlines()[0]
    assert headline == "capitals-3 (trial 2)  small model  contains 0  close enough unscored  asia  250 ms"


def test_a_failure_tells_its_cause_in_place_of_an_answer() -> None:
    failed: dict[str, Any] = {
        **WRONG,
        "status": "failed",
        "cause": "timeout",
        "detail": "No answer within 5 s.",
        "scores": [],
    }
    text = rendered(failed)
    assert "failed: timeout" in text
    assert "problem  No answer within 5 s." in text
    assert "answer   " not in text


def test_the_votes_of_judges_are_shown_and_why_there_is_no_score() -> None:
    ballots = [
        {"judge": "strict", "order": "as_given", "verdict": "first", "rationale": "It is shorter."},
        {"judge": "strict", "order": "swapped", "verdict": None, "rationale": None, "trouble": "No JSON came."},
    ]
    reason = "The judges do not agree: no verdict has more votes than every other."
    undecided = {"evaluator": "judge", "value": None, "reason": reason, "details": {"ballots": ballots}}
    lines = [line.strip() for line in rendered({**WRONG, "scores": [undecided]}, width=140).splitlines()]
    assert lines[-3:] == [
        "judge    strict: first. It is shorter.",
        "judge    strict (places swapped): no verdict. No JSON came.",
        f"unscored judge: {reason}",
    ]


def test_head_to_head_both_sides_are_read(capsys: pytest.CaptureFixture[str]) -> None:
    pair = {**WRONG, "agent_id": "old vs new", "agent_no": 0, "trial": 0, "link": "/v1/item"}
    config = {**examples.CONFIG, "agents": [{"name": "old vs new", "agent": MATCH}]}
    run = {**examples.told(examples.run("completed")), "benchmark_type": "preference", "config": config}
    case = {"metadata": {"answers": {"old": ["Kyoto"], "new": ["Tokyo"], "third": ["Nara"]}}}
    path = f"/v1/runs/{examples.RUN_ID}"
    answers = {path: run, f"{path}/items": {"items": [pair], "next_cursor": None}, "/v1/item": {**pair, "case": case}}
    with scripted_api({where: [Answer(body=body)] for where, body in answers.items()}) as api:
        list_items(api.url, examples.RUN_ID, {}, limit=5, as_json=False)
    lines = [line.strip() for line in capsys.readouterr().out.splitlines()]
    assert "old      Kyoto" in lines
    assert "new      Tokyo" in lines
    assert "Nara" not in " ".join(lines)


def test_calls_of_tools_are_shown_as_they_were_made() -> None:
    calls = [{"name": "area", "arguments": {"base": 10, "unit": "m"}}, {"name": "stop", "arguments": "{"}]
    assert 'called   area(base=10, unit="m"), stop({)' in rendered({**WRONG, "text": "", "tool_calls": calls})
    assert "called" not in rendered({**WRONG, "tool_calls": None})


def test_what_is_long_is_cut_and_wrapped_to_the_terminal() -> None:
    lines = rendered({**WRONG, "input": "word " * 500}, width=60).splitlines()
    assert max(len(line) for line in lines) <= 60
    assert len(lines) < 15
