"""`benchmark report`: the page as a file, against an API on loopback."""

import json
from pathlib import Path

import pytest

from cli.main import run
from tests.cli.scripted_api import Answer, scripted_api

RUN = "run_01kb0000000000000000000000"
PAGE = "<!doctype html><title>sums, a benchmark report</title>"
ANSWERS = {
    f"/v1/runs/{RUN}/report.html": [Answer(body=PAGE.encode(), media_type="text/html")],
    f"/v1/runs/{RUN}/report": [Answer(body={"run_id": RUN})],
}


def typed(*words: str) -> int:
    with pytest.raises(SystemExit) as ended:
        run(list(words))
    return int(ended.value.code or 0)


def test_the_report_is_kept_under_the_runs_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    with scripted_api(dict(ANSWERS)) as api:
        assert typed("report", RUN, "--api", api.url, "--baseline", "old prompt") == 0
    assert (tmp_path / f"{RUN}.html").read_text() == PAGE
    assert f"The report is in {RUN}.html." in capsys.readouterr().err
    [(_, path, headers, _)] = api.seen
    assert path.endswith("report.html?baseline=old%20prompt") or path.endswith("report.html?baseline=old+prompt")
    assert headers["accept"] == "*/*"


def test_the_report_goes_where_it_is_wanted(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with scripted_api(dict(ANSWERS)) as api:
        assert typed("report", RUN, "--api", api.url, "-o", str(tmp_path / "for lead.html")) == 0
        assert typed("report", RUN, "--api", api.url, "-o", str(tmp_path)) == 0
        capsys.readouterr()
        assert typed("report", RUN, "--api", api.url, "-o", "-") == 0
        assert capsys.readouterr().out.strip() == PAGE
        assert typed("report", RUN, "--api", api.url, "--json") == 0
        assert json.loads(capsys.readouterr().out) == {"run_id": RUN}
    assert {file.name for file in tmp_path.iterdir()} == {"for lead.html", f"{RUN}.html"}


def test_a_place_that_does_not_exist_is_named_with_the_way_out(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with scripted_api(dict(ANSWERS)) as api:
        assert typed("report", RUN, "--api", api.url, "-o", str(tmp_path / "away" / "it.html")) == 2
    assert "cannot be written to" in capsys.readouterr().err
