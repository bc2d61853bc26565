"""Every operation of the API is a verb of the client, which asks for it and reads its answer as described."""

import json
import pydoc
from collections.abc import Iterator, Mapping
from typing import Any, assert_type, cast, get_origin

from benchmark_client.client import AsyncClient, Client
from benchmark_client.models.answer import Page
from benchmark_client.models.results import ItemView
from benchmark_client.models.runs import RunView
from benchmark_client.modes import Async, Sync
from benchmark_client.nouns.runs import Run
from benchmark_client.requests import CONDITION, JSON, KEY
from tests.benchmark_client import examples
from tests.benchmark_client.asked import ANYWHERE, Asked, document, everything, names, nouns
from tests.benchmark_client.class_text import class_name
from tests.benchmark_client.generation import answers, operations, references

PAGING = {"cursor"}


def test_the_client_can_do_all_that_the_api_can() -> None:
    offered = {operation["operationId"] for _, _, operation in operations(document())}
    assert offered - {asked.operation["operationId"] for asked in everything()} == set()


def test_both_clients_have_the_same_nouns() -> None:
    with Client(ANYWHERE) as client:
        assert nouns(client) == nouns(AsyncClient(ANYWHERE))


def test_every_verb_says_what_it_does() -> None:
    assert [name for name, verb in names().items() if not verb.__doc__] == []


def test_a_noun_shows_its_verbs_and_nothing_else() -> None:
    with Client(ANYWHERE) as client:
        assert [name for name in dir(client.audit_events) if not name.startswith("_")] == ["list", "verify"]


def test_help_tells_the_arguments_of_a_verb_and_what_comes_of_it() -> None:
    with Client(ANYWHERE) as client:
        shown = pydoc.plain(pydoc.render_doc(client.audit_events.verify))
        assert "verify(*, known: str | None = None) -> benchmark_client.models.administration.AuditCheck" in shown
        whole = pydoc.plain(pydoc.render_doc(client.events))
        assert "follow = <verb (*, after: int | None = None" in whole
    wait = pydoc.plain(pydoc.render_doc(Run[Sync].model_validate(examples.run()).wait))
    assert "wait(timeout: float | None = None, *, check: bool = False) -> 'Run'" in wait


def test_verbs_ask_all_that_the_operations_can_be_asked() -> None:
    told, offered = dict[str, set[str]](), dict[str, set[str]]()
    for asked in everything():
        operation = asked.operation["operationId"]
        told.setdefault(operation, set()).update(name for name, _ in asked.request.query)
        parameters = asked.operation.get("parameters", ())
        offered[operation] = {each["name"] for each in parameters if each.get("in") == "query"} - PAGING
    assert told == offered


def test_a_verb_is_done_once_where_the_operation_can_be() -> None:
    keyed = {str(asked): KEY in asked.request.headers for asked in everything()}
    assert keyed == {str(asked): KEY in _headers(asked) for asked in everything()}


def test_a_verb_says_which_revision_it_follows_where_the_operation_asks_for_it() -> None:
    following = {str(asked): asked.request.headers.get(CONDITION) == '"3"' for asked in everything()}
    assert following == {str(asked): CONDITION in _headers(asked) for asked in everything()}


def test_a_verb_sends_a_body_of_fields_that_there_are() -> None:
    for asked in everything():
        content = asked.operation.get("requestBody", {}).get("content", {})
        if asked.request.content is None:
            assert not asked.operation.get("requestBody", {}).get("required"), asked
            continue
        media_type = asked.request.headers["Content-Type"]
        assert media_type in content, asked
        if media_type == JSON:
            known = set(_fields(content[JSON]["schema"]))
            assert set(json.loads(asked.request.content)) - known == set(), asked


def test_a_verb_reads_the_answer_that_is_described() -> None:
    for asked in everything():
        described = {_described(name) for each in answers(asked.operation) for name in references(each)}
        if asked.answer is not None and described:
            assert _read(asked.answer) in described, asked
        else:
            assert asked.answer in (None, type(None), str, bytes) or get_origin(asked.answer) is dict, asked


def types_of(client: Client) -> None:
    """Never called: what a type checker makes of the verbs, which pyright looks at."""
    run = client.runs.get("run")
    assert_type(run, Run)
    assert_type(run.wait(timeout=5), Run)
    assert_type(next(run.items(correct=False)), ItemView)
    assert_type(next(client.runs.list(most=5)), Run)


async def awaited_types_of(other: AsyncClient) -> None:
    """As `types_of`."""
    run = await other.runs.get("run")
    assert_type(run, Run[Async])
    assert_type(await run.wait(timeout=5), Run[Async])
    assert_type(await anext(run.items(correct=False)), ItemView)
    assert_type(await anext(other.runs.list(most=5)), Run[Async])


def _read(answer: Any) -> str:
    if issubclass(answer, Page):
        [model] = cast("Any", answer).__pydantic_generic_metadata__["args"]
        return f"Page of {_read(model)}"
    return RunView.__name__ if answer is Run else answer.__name__


def _described(schema: str) -> str:
    if schema.startswith("Listing_"):
        return f"Page of {class_name(schema.removeprefix('Listing_').removesuffix('_'))}"
    return class_name(schema)


def _headers(asked: Asked) -> set[str]:
    return {each["name"] for each in asked.operation.get("parameters", ()) if each.get("in") == "header"}


def _fields(schema: Mapping[str, Any]) -> Iterator[str]:
    if "$ref" in schema:
        yield from _fields(document()["components"]["schemas"][schema["$ref"].rpartition("/")[2]])
    for form in [*schema.get("oneOf", ()), *schema.get("anyOf", ())]:
        yield from _fields(form)
    yield from schema.get("properties", ())
