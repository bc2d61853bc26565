"""Whatever the API answers, a command ends with a sentence and the right exit code."""

import json
from pathlib import Path

import pytest

from benchmark_client.address import USUAL, Address, find_address
from benchmark_client.errors import ClientError
from cli.client import Client
from cli.embedded.sockets import free_port
from cli.exits import CommandError, Exit
from tests.cli import examples
from tests.cli.scripted_api import Answer, scripted_api

PROBLEM = {
    "title": "The request says something that cannot work",
    "detail": "There is no kind 'opena' in agents; installed: openai.",
    "errors": [
        {"pointer": "/agents/0/agent/kind", "detail": "There is no kind 'opena' in agents; installed: openai."},
        {"pointer": "/trials", "detail": "It must be at most 1000"},
    ],
    "request_id": "req_1",
}


def complaint(answer: Answer, *, key: str | None = None) -> CommandError:
    with scripted_api({"/v1/runs": [answer]}) as api, Client(Address(api.url, "of the test"), key) as client:
        try:
            client.post("/v1/runs", {})
        except CommandError as error:
            return error
    raise AssertionError("the client took it for a success")


def test_a_mistake_of_ours_names_every_place_and_ends_with_2() -> None:
    error = complaint(Answer(422, PROBLEM, "application/problem+json"))
    assert error.code is Exit.USAGE
    assert str(error).splitlines() == [
        "agents, entry 1, agent, kind: There is no kind 'opena' in agents; installed: openai.",
        "trials: It must be at most 1000",
    ]


@pytest.mark.parametrize(("status", "kind"), [(502, "agent-failed"), (503, "agent-failed"), (504, "timed-out")])
def test_an_agent_that_gives_no_answer_is_told_apart_from_a_server_that_gives_none(status: int, kind: str) -> None:
    body = {"type": f"/problems/{kind}", "detail": "The agent is away."}
    assert complaint(Answer(status, body)).code is Exit.FAILED
    assert complaint(Answer(status, {"detail": "Nobody home."})).code is Exit.SERVER


def test_a_refused_key_says_where_to_put_one_and_ends_with_5() -> None:
    error = complaint(Answer(401, {"detail": "A valid API key is needed."}))
    assert error.code is Exit.SERVER
    assert "BENCHMARK_API_KEY" in str(error)


def test_a_broken_server_ends_with_5_and_names_the_request() -> None:
    error = complaint(Answer(500, {"detail": "Something of ours broke.", "request_id": "req_7"}))
    assert error.code is Exit.SERVER
    assert "req_7" in str(error)


def test_an_error_page_of_something_else_is_told_by_its_status() -> None:
    error = complaint(Answer(502, b"<html>bad gateway</html>", "text/html"))
    assert error.code is Exit.SERVER
    assert "502 Bad Gateway" in str(error)


def test_a_success_that_is_no_json_is_not_taken_for_our_api() -> None:
    error = complaint(Answer(200, b"<html>welcome</html>", "text/html"))
    assert error.code is Exit.SERVER
    assert "not as the benchmark API does" in str(error)


def test_nobody_at_the_address_says_how_to_start_somebody() -> None:
    address = Address(f"http://127.0.0.1:{free_port()}", "of the test")
    with Client(address) as client, pytest.raises(CommandError, match="Start one with `benchmark dev`") as caught:
        client.get("/v1/runs")
    assert caught.value.code is Exit.SERVER


def test_the_key_goes_out_as_bearer_token() -> None:
    with scripted_api({"/v1/runs": [Answer(body=[])]}) as api, Client(Address(api.url, "x"), "secret") as client:
        client.get("/v1/runs")
    assert api.seen[0][2]["authorization"] == "Bearer secret"


def test_a_listing_goes_from_page_to_page_and_stops_at_the_number_asked_for() -> None:
    pages = [
        Answer(body={"items": [1, 2], "next_cursor": "c1"}),
        Answer(body={"items": [3, 4], "next_cursor": "c2"}),
    ]
    with scripted_api({"/v1/runs": pages}) as api, Client(Address(api.url, "x")) as client:
        assert list(client.listing("/v1/runs", most=3, status="failed")) == [1, 2, 3]
    assert [path for _, path, _, _ in api.seen] == [
        "/v1/runs?status=failed&limit=3",
        "/v1/runs?status=failed&limit=3&cursor=c1",
    ]


def test_an_upload_sends_the_file_with_its_name() -> None:
    with scripted_api({"/v1/datasets": [Answer(body={})]}) as api, Client(Address(api.url, "x")) as client:
        client.upload("/v1/datasets", b'{"input": "1 + 1"}', name="sums", filename="sums.jsonl")
    _, path, headers, body = api.seen[0]
    assert (path, body) == ("/v1/datasets?name=sums&filename=sums.jsonl", b'{"input": "1 + 1"}')
    assert headers["content-type"] == "application/octet-stream"


def test_a_run_of_a_newer_api_is_understood() -> None:
    run = examples.run("completed", found=examples.metrics())
    path = f"/v1/runs/{run.run_id}"
    with scripted_api({path: [Answer(body=examples.told(run))]}) as api, Client(Address(api.url, "x")) as client:
        assert client.run(run.run_id).agents == run.agents


def test_the_address_told_goes_before_all_others(tmp_path: Path) -> None:
    leave_word(tmp_path)
    assert find_address("https://bench.example/", tmp_path).url == "https://bench.example"


def test_the_address_of_benchmark_dev_is_found_from_folders_below(tmp_path: Path) -> None:
    leave_word(tmp_path)
    below = tmp_path / "a" / "b"
    below.mkdir(parents=True)
    assert find_address(None, below).url == "http://127.0.0.1:4567"


@pytest.mark.parametrize("content", ["", "{", "[]", '{"api_url": 5}'])
def test_a_broken_note_of_benchmark_dev_is_passed_over(tmp_path: Path, content: str) -> None:
    leave_word(tmp_path, content)
    assert find_address(None, tmp_path).url == USUAL


def test_an_address_without_a_scheme_is_refused() -> None:
    with pytest.raises(ClientError, match="must begin with http://"):
        find_address("localhost:8080")


def leave_word(folder: Path, content: str = json.dumps({"api_url": "http://127.0.0.1:4567"})) -> None:
    (folder / ".benchmark").mkdir()
    (folder / ".benchmark" / "dev.json").write_text(content)


def test_an_api_that_says_when_to_come_back_is_asked_again_with_the_same_key_and_that_is_told(
    capsys: pytest.CaptureFixture[str],
) -> None:
    busy = Answer(429, {"detail": "Too many requests."}, headers={"Retry-After": "0"})
    answers = {"/v1/webhooks": [busy, busy, Answer(201, {"webhook_id": "hook_1"})]}
    with scripted_api(answers) as api, Client(Address(api.url, "x")) as client:
        assert client.post("/v1/webhooks", {"url": "https://a.example"}) == {"webhook_id": "hook_1"}
    assert len({headers["idempotency-key"] for _, _, headers, _ in api.seen}) == 1
    assert len(api.seen) == 3
    assert capsys.readouterr().err == "Too many requests. Trying again, for 60 s at most ...\n"


def test_an_agent_is_tried_once_whatever_becomes_of_it() -> None:
    answers = {"/v1/agents/test": [Answer(503, {"detail": "Starting."}), Answer(200, {"text": "ready"})]}
    with (
        scripted_api(answers) as api,
        Client(Address(api.url, "x")) as client,
        pytest.raises(CommandError, match="Starting"),
    ):
        client.patient(print).try_out("/v1/agents/test", {})
    assert ["idempotency-key" in headers for _, _, headers, _ in api.seen] == [False]


def test_a_file_comes_in_pieces_and_its_refusal_is_a_sentence() -> None:
    busy = Answer(429, {"detail": "Too many requests."}, headers={"Retry-After": "0"})
    away = Answer(409, {"detail": "The run is processing."})
    answers = {"/v1/file": [busy, Answer(200, b"a,b\n" * 100_000, "text/csv"), away]}
    with scripted_api(answers) as api, Client(Address(api.url, "x")) as client:
        assert b"".join(client.download("/v1/file", format="csv")) == b"a,b\n" * 100_000
        with pytest.raises(CommandError, match=r"The run is processing\.") as caught:
            list(client.download("/v1/file"))
    assert caught.value.code is Exit.USAGE
    assert [path for _, path, _, _ in api.seen] == ["/v1/file?format=csv", "/v1/file?format=csv", "/v1/file"]
