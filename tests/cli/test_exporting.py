"""`benchmark export`: a file that is whole, or the one that was there."""

import sys
from pathlib import Path

import pytest

from cli.main import run as typed
from tests.cli import examples
from tests.cli.scripted_api import Answer, scripted_api

PATH = f"/v1/runs/{examples.RUN_ID}/export"
REFUSED = {"type": "/problems/conflict", "title": "Conflict", "status": 409, "detail": "The run is processing."}


def exported(*words: str) -> int:
    with pytest.raises(SystemExit) as ended:
        typed(["export", examples.RUN_ID, *words])
    return int(ended.value.code or 0)


def test_a_file_is_written_byte_for_byte_and_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    content = bytes(range(256)) * 10
    file = tmp_path / "run.parquet"
    with scripted_api({PATH: [Answer(200, content, "application/vnd.apache.parquet")]}) as api:
        assert exported("--format", "parquet", "--agent", "small", "-o", str(file), "--api", api.url) == 0
    assert file.read_bytes() == content
    assert "format=parquet&agent=small" in api.seen[0][1]
    assert "2,560 bytes" in capsys.readouterr().err
    assert [each.name for each in tmp_path.iterdir()] == ["run.parquet"]


def test_what_is_refused_leaves_the_file_as_it_was(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "run.csv"
    file.write_text("yesterday's")
    with scripted_api({PATH: [Answer(409, REFUSED, "application/problem+json")]}) as api:
        assert exported("-o", str(file), "--api", api.url) == 2
    assert "The run is processing." in capsys.readouterr().err
    assert [(each.name, each.read_text()) for each in tmp_path.iterdir()] == [("run.csv", "yesterday's")]


def test_without_a_file_it_is_printed_as_it_is(capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    with scripted_api({PATH: [Answer(200, b"a,b\r\n1,2\r\n", "text/csv")]}) as api:
        assert exported("--api", api.url) == 0
    sys.stdout.flush()
    assert capfdbinary.readouterr().out == b"a,b\r\n1,2\r\n"
