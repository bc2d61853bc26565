"""Lists and streams come whole: page after page, and across every break of the connection."""

import json
from itertools import islice
from typing import Any

import pytest

from benchmark_client.client import Client
from benchmark_client.errors import NotUnderstood, Unavailable, Unreachable
from tests.benchmark_client import examples
from tests.benchmark_client.conftest import QUICK, Asks
from tests.providers import Provider, Resets, Sends

STREAMED = {"Content-Type": "text/event-stream"}
NO_MORE = Sends(b"", 204)
GREETING = b"retry: 1000\n\n"


def page(*numbers: int, cursor: str | None = None) -> Sends:
    return Sends(json.dumps({"items": [examples.event(each) for each in numbers], "next_cursor": cursor}).encode())


def told(*numbers: int) -> bytes:
    events = (f"id: {each}\nevent: x\ndata: {json.dumps(examples.event(each))}\n\n" for each in numbers)
    return "".join(events).encode()


def stream(content: bytes, *, breaks: bool = False) -> Sends:
    """One that ends well, or in the middle of a message."""
    content = GREETING + content
    return (
        Sends(content + b"id: 99\ndata: {", 200, STREAMED, claimed=100_000) if breaks else Sends(content, 200, STREAMED)
    )


def numbers(events: list[Any]) -> list[int]:
    return [int(event.id) for event in events]


async def test_a_list_goes_on_to_the_next_page_and_over_a_break(ask: Asks, api: Provider) -> None:
    api.next(page(1, 2, cursor="c1"), Resets(), page(3, cursor="c2"), page())
    found = await ask(api.root, lambda client: client.events.list(types=["run.queued", "run.progress"]))
    assert numbers(found) == [1, 2, 3]
    assert [asked.query.get("cursor") for asked in api.log] == [None, "c1", "c1", "c2"]
    assert {asked.query["limit"] for asked in api.log} == {"100"}


async def test_a_list_stops_at_the_number_that_is_wanted(ask: Asks, api: Provider) -> None:
    api.next(page(1, 2, cursor="c1"), page(3, 4, cursor="c2"))
    assert numbers(await ask(api.root, lambda client: client.events.list(most=3))) == [1, 2, 3]
    assert await ask(api.root, lambda client: client.events.list(most=0)) == []
    assert len(api.log) == 2


async def test_a_page_is_asked_for_when_the_one_before_is_used_up(api: Provider, ask: Asks) -> None:
    api.next(page(1, 2, cursor="c1"))
    assert numbers(await ask(api.root, first_two)) == [1, 2]
    assert len(api.log) == 1


def first_two(client: Any) -> Any:
    found = client.events.list()
    return islice(found, 2) if isinstance(client, Client) else _first_two(found)


async def _first_two(found: Any) -> list[Any]:
    return [await anext(found), await anext(found)]


async def test_a_stream_is_taken_up_after_its_last_event_and_what_comes_twice_is_told_once(
    ask: Asks, api: Provider
) -> None:
    api.next(stream(told(1, 2), breaks=True), Resets(), stream(told(2, 3)), NO_MORE)
    assert numbers(await ask(api.root, lambda client: client.runs.events("run_1"))) == [1, 2, 3]
    assert [asked.headers["last-event-id"] for asked in api.log] == ["0", "2", "2", "3"]
    assert {asked.headers["accept"] for asked in api.log} == {"text/event-stream"}


async def test_a_stream_from_now_on_is_taken_up_where_it_began_if_nothing_had_come(ask: Asks, api: Provider) -> None:
    api.next(Sends(b"retry: 1000\nid: 6\n\n", 200, STREAMED), stream(told(7)), NO_MORE)
    assert numbers(await ask(api.root, lambda client: client.events.follow())) == [7]
    assert [asked.headers.get("last-event-id") for asked in api.log] == [None, "6", "7"]


async def test_a_stream_is_waited_for_while_the_service_is_away(ask: Asks, api: Provider) -> None:
    away = Sends(b"{}", 503, {"Retry-After": "0"})
    api.next(away, stream(told(1)), away, away, NO_MORE)
    assert numbers(await ask(api.root, lambda client: client.runs.events("run_1", types=["run.progress"]))) == [1]
    assert {asked.query["type"] for asked in api.log} == {"run.progress"}


async def test_a_stream_is_waited_for_without_end_unless_an_end_is_named(ask: Asks, api: Provider) -> None:
    away = Sends(b"{}", 503)
    api.next(*[away] * (QUICK.tries + 2), stream(told(1)), NO_MORE)
    assert numbers(await ask(api.root, lambda client: client.events.follow(after=0))) == [1]
    api.next(*[away] * (QUICK.tries + 2))
    with pytest.raises(Unavailable):
        await ask(api.root, lambda client: client.events.follow(after=0, away_s=0.005))


async def test_a_stream_that_always_ends_as_it_begins_is_given_up(ask: Asks, api: Provider) -> None:
    api.next(*[stream(b"")] * QUICK.tries)
    with pytest.raises(Unreachable, match="ends as soon as it begins"):
        await ask(api.root, lambda client: client.events.follow(after=5))


async def test_a_stream_of_something_else_is_not_understood(ask: Asks, api: Provider) -> None:
    api.next(stream(b'data: {"hello": "world"}\n\n'))
    with pytest.raises(NotUnderstood):
        await ask(api.root, lambda client: client.events.follow(after=0))
