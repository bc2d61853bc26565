"""What is typed behind `benchmark run` becomes the request it means."""

from pathlib import Path
from typing import Any

import pytest

from cli.exits import CommandError
from cli.submission import Wish, request_of, submit
from cli.vendors import missing_keys
from tests.cli.scripted_api import Answer, scripted_api

FILE = """
name: sums
dataset:
  source: {kind: file, path: sums.jsonl}
agents:
  - name: small
    agent: {kind: openai, model: small, temperature: 0}
evaluators:
  - kind: numeric
"""


@pytest.fixture
def file(tmp_path: Path) -> str:
    place = tmp_path / "sums.yaml"
    place.write_text(FILE)
    return str(place)


def test_a_file_is_sent_as_it_stands_with_plugin_settings(file: str) -> None:
    body = request_of(Wish(file))
    assert body["agents"] == [{"name": "small", "agent": {"kind": "openai", "model": "small", "temperature": 0}}]
    assert body["evaluators"] == [{"kind": "numeric"}]
    assert "trials" not in body


def test_data_beside_the_file_is_named_by_its_whole_path(file: str) -> None:
    source = request_of(Wish(file))["dataset"]["source"]
    assert source == {"kind": "file", "path": str(Path(file).parent / "sums.jsonl")}


def test_data_elsewhere_stays_where_it_is(tmp_path: Path) -> None:
    place = tmp_path / "sums.yaml"
    place.write_text(FILE.replace("path: sums.jsonl", "path: [/data/a.jsonl, b.jsonl]"))
    assert request_of(Wish(str(place)))["dataset"]["source"]["path"] == ["/data/a.jsonl", str(tmp_path / "b.jsonl")]


def test_options_go_before_the_file(file: str) -> None:
    body = request_of(Wish(file, agents=("openai:other", "stored-one"), limit=5, trials=3))
    assert body["agents"] == [{"name": "other", "agent": {"kind": "openai", "model": "other"}}, "stored-one"]
    assert (body["dataset"]["limit"], body["trials"]) == (5, 3)


def test_an_agent_whose_key_is_not_set_here_is_named_before_it_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    [note] = missing_keys(request_of(Wish("gsm8k", folder=Path(), agents=("openai:gpt-5-mini",)))["agents"])
    assert note.startswith("Note: gpt-5-mini needs OPENAI_API_KEY, which is not set here.")
    elsewhere = ("openai:m,base_url=http://127.0.0.1:1/v1", "openai:m,credential=lab", "simulated:accuracy=1", "stored")
    assert list(missing_keys(request_of(Wish("gsm8k", folder=Path(), agents=elsewhere))["agents"])) == []
    monkeypatch.setenv("OPENAI_API_KEY", "any")
    assert list(missing_keys(request_of(Wish("gsm8k", folder=Path(), agents=("openai:gpt-5-mini",)))["agents"])) == []


def test_a_plugin_that_only_the_service_lacks_is_to_be_installed_there(file: str) -> None:
    place = {"pointer": "/evaluators/0/kind", "detail": "There is no kind 'numeric' in evaluators; installed: exact."}
    refused = Answer(
        422, {"title": "Invalid", "detail": place["detail"], "errors": [place]}, "application/problem+json"
    )
    with scripted_api({"/v1/runs": [refused]}) as api, pytest.raises(CommandError) as told:
        submit(api.url, Wish(file), watch_it=False, bar=None, as_json=False)
    assert str(told.value).startswith(f"{file}, line 9: There is no kind 'numeric'")
    assert "It is installed here: install it where API and worker run, and restart them" in str(told.value)


def test_a_name_is_a_stored_benchmark_with_what_is_different() -> None:
    body = request_of(Wish("capitals@2", agents=("small",), limit=5))
    assert body == {"benchmark": "capitals@2", "agents": ["small"], "overrides": {"limit": 5}}


def test_a_ready_made_benchmark_reads_the_folder_it_is_given(tmp_path: Path) -> None:
    body = request_of(Wish("gsm8k", folder=tmp_path, agents=("openai:m",)))
    assert body["dataset"]["source"]["path"] == f"{tmp_path}/gsm8k/test.jsonl"
    assert body["agents"] == [{"name": "m", "agent": {"kind": "openai", "model": "m"}}]


@pytest.mark.parametrize(
    ("wish", "complaint"),
    [
        ({"benchmark": "nowhere.yaml"}, "cannot be read"),
        ({"benchmark": "gsm9k", "folder": Path()}, "There is no ready-made benchmark 'gsm9k'; there are: .*gsm8k"),
        ({"benchmark": "gsm8k", "folder": Path("nowhere")}, "There is no folder nowhere"),
        ({"benchmark": "gsm8k", "folder": Path()}, "No agent to ask"),
    ],
)
def test_what_cannot_work_is_told_before_anything_is_sent(wish: dict[str, Any], complaint: str) -> None:
    with pytest.raises(CommandError, match=complaint):
        request_of(Wish(**wish))
