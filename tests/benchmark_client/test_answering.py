"""Whatever the service answers, or does not, ends as the verb promises: an answer, or the right error."""

import json
from typing import Any

import pytest

from api.problem_kinds import KINDS
from benchmark_client.answering import PROBLEMS
from benchmark_client.client import Client
from benchmark_client.errors import (
    ClientError,
    Forbidden,
    InFlight,
    Invalid,
    NotFound,
    NotUnderstood,
    Place,
    Problem,
    TooManyRequests,
    Unavailable,
    Unreachable,
)
from benchmark_client.patience import Patience
from cli.embedded.sockets import free_port
from tests.benchmark_client import examples
from tests.benchmark_client.conftest import Act, Asks
from tests.providers import Provider, Resets, Sends

RUN = Sends(json.dumps(examples.run()).encode())


def refusal(status: int, slug: str, **headers: str) -> Sends:
    told = {
        "type": f"/problems/{slug}",
        "title": "No",
        "status": status,
        "detail": "Not now.",
        "errors": [{"pointer": "/trials", "detail": "It must be at most 1000"}],
        "request_id": "req_1",
    }
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Sends(json.dumps(told).encode(), status, {"Content-Type": "application/problem+json", **named})


def create(client: Any) -> Any:
    return client.runs.create({"name": "sums"})


def look(client: Any) -> Any:
    return client.runs.get("run_1")


@pytest.mark.parametrize(
    "trouble",
    [
        refusal(429, "too-many-requests", Retry_After="0"),
        refusal(503, "service-unavailable", Retry_After="0"),
        refusal(409, "request-in-flight", Retry_After="0"),
        Sends(b"<html>bad gateway</html>", 502, {"Content-Type": "text/html"}),
        Sends(b'{"run_id": "run', claimed=1000),
        Resets(),
    ],
    ids=["throttled", "unavailable", "in flight", "bad gateway", "half an answer", "reset"],
)
async def test_a_run_is_posted_again_under_the_same_key_after_what_passes(
    ask: Asks, api: Provider, trouble: Sends | Resets
) -> None:
    api.next(trouble, trouble, RUN)
    run = await ask(api.root, create)
    assert run.run_id == examples.RUN_ID
    assert len(api.log) == 3
    assert len({asked.headers["idempotency-key"] for asked in api.log}) == 1
    assert [asked.body for asked in api.log] == [{"name": "sums"}] * 3


async def test_two_runs_have_two_keys_and_one_may_be_chosen(ask: Asks, api: Provider) -> None:
    api.next(RUN, RUN, RUN)
    await ask(api.root, create)
    await ask(api.root, create)
    await ask(api.root, lambda client: client.runs.create({"name": "sums"}, idempotency_key="mine"))
    keys = [asked.headers["idempotency-key"] for asked in api.log]
    assert len(set(keys)) == 3
    assert keys[2] == "mine"


async def test_what_may_not_be_done_twice_is_not_sent_again_when_its_fate_is_unknown(ask: Asks, api: Provider) -> None:
    api.next(Resets(), refusal(503, "service-unavailable", Retry_After="0"))
    with pytest.raises(Unreachable) as lost:
        await ask(api.root, lambda client: client.agents.try_out("lab"))
    assert lost.value.sent
    with pytest.raises(Unavailable):
        await ask(api.root, lambda client: client.agents.try_out("lab"))
    assert [asked.method for asked in api.log] == ["POST", "POST"]


def amend(client: Any) -> Any:
    return client.runs.amend("run_1", trials=2, revision=4)


def remove(client: Any) -> Any:
    return client.webhooks.delete("hook_1", revision=4)


@pytest.mark.parametrize(
    ("method", "act", "answer"),
    [
        ("PATCH", amend, RUN),
        ("DELETE", remove, Sends(b"", 204)),
    ],
    ids=["a change", "a deletion"],
)
async def test_a_change_of_a_certain_revision_is_sent_again_by_a_key_that_says_that_it_is_the_same(
    ask: Asks, api: Provider, method: str, act: Act, answer: Sends
) -> None:
    api.next(Resets(), refusal(503, "service-unavailable", Retry_After="0"), answer)
    await ask(api.root, act)
    assert [(asked.method, asked.headers["if-match"]) for asked in api.log] == [(method, '"4"')] * 3
    assert len({asked.headers["idempotency-key"] for asked in api.log}) == 1


async def test_what_was_refused_before_it_began_is_sent_again_whatever_it_is(ask: Asks, api: Provider) -> None:
    api.next(refusal(429, "too-many-requests", Retry_After="0"), Sends(b'{"text": "ready", "usage": {}}'))
    reply = await ask(api.root, lambda client: client.agents.try_out("lab"))
    assert reply.text == "ready"


async def test_a_deletion_whose_answer_was_lost_has_succeeded_when_nothing_is_there(ask: Asks, api: Provider) -> None:
    api.next(Resets(), refusal(404, "not-found"), refusal(404, "not-found"))
    assert await ask(api.root, lambda client: client.schedules.delete("nightly")) is None
    with pytest.raises(NotFound):
        await ask(api.root, lambda client: client.schedules.delete("nightly"))


async def test_a_deletion_that_was_not_begun_before_has_found_nothing(ask: Asks, api: Provider) -> None:
    api.next(refusal(429, "too-many-requests", Retry_After="0"), refusal(404, "not-found"))
    with pytest.raises(NotFound):
        await ask(api.root, lambda client: client.schedules.delete("nightly"))
    assert len(api.log) == 2


async def test_a_problem_says_all_that_it_was_told(ask: Asks, api: Provider) -> None:
    api.next(refusal(422, "invalid-request"))
    with pytest.raises(Invalid) as caught:
        await ask(api.root, create)
    problem = caught.value
    assert (problem.status, problem.type, problem.title) == (422, "/problems/invalid-request", "No")
    assert (problem.detail, problem.request_id) == ("Not now.", "req_1")
    assert problem.errors == (Place("/trials", "It must be at most 1000"),)
    assert str(problem) == "Not now.\n  at /trials: It must be at most 1000"
    assert len(api.log) == 1


async def test_a_longer_wait_than_there_is_patience_for_is_told_and_not_waited_for(ask: Asks, api: Provider) -> None:
    api.next(refusal(429, "too-many-requests", Retry_After="3600"))
    with pytest.raises(TooManyRequests) as caught:
        await ask(api.root, look)
    assert caught.value.retry_after == 3600


async def test_patience_ends_after_so_many_tries(ask: Asks, api: Provider) -> None:
    api.next(*[refusal(409, "request-in-flight")] * 3, RUN)
    with pytest.raises(InFlight):
        await ask(api.root, create, patience=Patience(tries=3, first_s=0.001))
    assert len(api.log) == 3


async def test_nobody_at_the_address_is_said_with_the_address(ask: Asks) -> None:
    url = f"http://127.0.0.1:{free_port()}"
    with pytest.raises(Unreachable, match=f"No API answers at {url}") as caught:
        await ask(url, look)
    assert not caught.value.sent


@pytest.mark.parametrize("content", [b"<html>welcome</html>", b'{"hello": "world"}'])
async def test_an_answer_of_somebody_else_is_not_understood(ask: Asks, api: Provider, content: bytes) -> None:
    api.next(Sends(content))
    with pytest.raises(NotUnderstood, match="not what the benchmark API says"):
        await ask(api.root, look)


async def test_a_refusal_of_what_stands_before_the_service_has_the_class_of_its_status(
    ask: Asks, api: Provider
) -> None:
    api.next(Sends(b"forbidden", 403, {"Content-Type": "text/plain"}), Sends(b"teapot", 418))
    with pytest.raises(Forbidden):
        await ask(api.root, look)
    with pytest.raises(Problem, match="The answer is 418"):
        await ask(api.root, look)


def test_every_kind_of_problem_of_the_service_has_a_class_of_its_own() -> None:
    assert set(PROBLEMS) == set(KINDS)
    assert len(set(PROBLEMS.values())) == len(PROBLEMS)


def test_a_file_that_is_not_there_is_said_before_anything_is_sent() -> None:
    with Client(f"http://127.0.0.1:{free_port()}") as client, pytest.raises(ClientError, match=r"gone\.yaml cannot be"):
        client.runs.create(file="gone.yaml")


async def test_a_run_is_shown_in_a_line(ask: Asks, api: Provider) -> None:
    api.next(RUN)
    run = await ask(api.root, look)
    assert repr(run) == str(run) == f"<Run {examples.RUN_ID} {run.name!r}: {run.status}, {run.progress:.0%}>"
