"""`benchmark audit`: who did what is listed, and a log that is not whole is told with where it breaks."""

from typing import Any

import pytest

from cli.exits import Exit
from cli.main import run
from tests.cli.scripted_api import Answer, scripted_api

EVENT: dict[str, Any] = {
    "audit_no": 7,
    "principal": "nightly CI",
    "action": "run.create",
    "subject": "run_1",
    "data": {"name": "sums"},
    "created_at": "2026-11-23T20:00:00Z",
}
WHOLE: dict[str, Any] = {"whole": True, "events": 7, "head": "ab" * 32, "broken": None}
BROKEN: dict[str, Any] = {
    "whole": False,
    "events": 2,
    "head": "cd" * 32,
    "broken": {"link_no": 3, "audit_no": 4, "reason": "The row is not as it was recorded."},
}


def typed(*words: str) -> int:
    """The exit code."""
    with pytest.raises(SystemExit) as ended:
        run(["audit", *words])
    return int(ended.value.code or 0)


def test_who_did_what_is_listed_as_it_was_asked_for(capsys: pytest.CaptureFixture[str]) -> None:
    with scripted_api({"/v1/audit-events": [Answer(200, {"items": [EVENT], "next_cursor": None})]}) as api:
        assert typed("list", "--who", "nightly CI", "--action", "run.create", "--api", api.url) == Exit.OK
        asked = api.seen[-1][1]
    assert "principal=nightly+CI" in asked
    assert "action=run.create" in asked
    shown = capsys.readouterr().out
    assert [part for part in ("7", "nightly CI", "run.create", "run_1", "name=sums") if part not in shown] == []


def test_a_log_that_is_whole_has_a_head_to_keep_and_one_that_is_not_says_where(
    capsys: pytest.CaptureFixture[str],
) -> None:
    path = "/v1/audit-events/verification"
    with scripted_api({path: [Answer(200, WHOLE), Answer(200, BROKEN), Answer(200, BROKEN)]}) as api:
        assert typed("verify", "--known", "ab" * 32, "--api", api.url) == Exit.OK
        assert f"known={'ab' * 32}" in api.seen[-1][1]
        assert "ab" * 32 in capsys.readouterr().out
        assert typed("verify", "--api", api.url) == Exit.BELOW
        said = capsys.readouterr().err
        assert said.startswith("Error: The audit log is broken at row 3 (event 4), after 2 that hold. The row is not")
        assert typed("verify", "--json", "--api", api.url) == Exit.BELOW
        assert '"whole": false' in capsys.readouterr().out
