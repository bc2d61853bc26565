"""A run that CI waits for is told to CI: as JUnit XML, and to GitHub in its own ways."""

from pathlib import Path
from typing import Any
from xml.etree import ElementTree as Xml

import pytest

from cli.exits import CommandError, Exit
from cli.github import step_summary, tell_github
from cli.junit import write_junit
from cli.main import run as typed
from tests.cli import examples
from tests.cli.scripted_api import Answer, scripted_api

PATH = f"/v1/runs/{examples.RUN_ID}"
DONE = examples.run("completed", answered=3, failed=1, evaluated=3, total=4, found=examples.metrics())


def item(case_id: str, value: float | None, **more: Any) -> dict[str, Any]:
    scores = [{"evaluator": "exact", "value": value, "reason": None if value is not None else "No expected answer."}]
    told = {"agent_id": "small", "case_id": case_id, "trial": 0, "status": "answered", "latency_s": 0.25}
    return {**told, "input": "1 + 1?", "expected": "2", "text": "<3>\x00", "scores": scores, **more}


ITEMS = [
    item("right", 1.0),
    item("wrong", 0.0),
    item("odd", None),
    item("lost", 0.0, status="failed", cause="timeout", detail="No answer within 5 s.", scores=[]),
]


def test_every_question_is_a_test_and_the_sums_are_right(tmp_path: Path) -> None:
    write_junit(tmp_path / "junit.xml", DONE, ITEMS, ended=Exit.BELOW, reasons=["small: accuracy 75.0%"])
    verdict, small = Xml.parse(tmp_path / "junit.xml").getroot()
    assert (verdict.get("failures"), verdict.findtext("testcase/failure")) == ("1", "small: accuracy 75.0%")
    sums = {name: small.get(name) for name in ("tests", "failures", "errors", "skipped", "time")}
    assert sums == {"tests": "4", "failures": "1", "errors": "1", "skipped": "1", "time": "1.000"}
    right, wrong, odd, lost = small
    assert len(right) == 0
    assert wrong.findtext("failure") == "input: 1 + 1?\nexpected: 2\ntext: <3>\N{REPLACEMENT CHARACTER}"
    assert [each.get("message") for each in (*odd, *lost)] == ["No expected answer.", "timeout"]


def test_a_file_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="cannot be written: No such file"):
        write_junit(tmp_path / "nowhere" / "junit.xml", DONE, ITEMS, ended=Exit.OK, reasons=[])


def test_a_step_summary_is_a_table_that_nobody_elses_words_can_break() -> None:
    named = DONE.model_copy(update={"name": "sums | <b>all</b>"})
    text = step_summary(named, ended=Exit.OK, reasons=["small: *fine*"], where="http://api/v1/runs/1")
    assert text.splitlines()[0] == "### sums \\| &lt;b>all&lt;/b>: passed"
    assert "| small | 75.0% | 50.0% to 90.0% | 40 | 0 | 250 ms | $0.0012 |" in text
    assert "- small: \\*fine\\*" in text


def test_github_is_told_where_a_workflow_runs_the_command_and_nobody_elsewhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("GITHUB_STEP_SUMMARY", raising=False)
    monkeypatch.delenv("GITHUB_ACTIONS", raising=False)
    tell_github(DONE, ended=Exit.OK, reasons=[], where="http://api")
    assert capsys.readouterr().err == ""
    summary = tmp_path / "summary.md"
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(summary))
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    answers = {PATH: [Answer(body=examples.told(DONE))], f"{PATH}/items": [Answer(body={"items": ITEMS})]}
    junit = tmp_path / "junit.xml"
    with scripted_api(answers) as api, pytest.raises(SystemExit) as ended:
        typed(["runs", "watch", examples.RUN_ID, "--fail-under", "0.95", "--junit", str(junit), "--api", api.url])
    assert ended.value.code == 1
    assert summary.read_text().startswith("### sums: failed\n")
    assert "- Below the 95.0% asked for: small 75.0% (95 % interval 50.0% to 90.0%)." in summary.read_text()
    assert "::error title=sums failed::Below the 95.0%25 asked for: small 75.0%25" in capsys.readouterr().err
    assert Xml.parse(junit).getroot()[1].get("tests") == "4"
