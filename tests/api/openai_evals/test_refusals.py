"""What OpenAI's client raises, whoever refuses: a route, or what stands before all of them."""

from collections.abc import Awaitable, Callable
from typing import Any

import httpx2
import openai
import pytest
from pydantic import SecretStr
from sqlalchemy import text

from adapters.database.engine import open_engine
from core.settings import Settings
from tests.api.conftest import served
from tests.api.openai_evals.conftest import openai_client
from tests.api.openai_evals.scripts import CONFIG, EXACT, completions, created, jsonl

Call = Callable[[openai.AsyncOpenAI], Awaitable[Any]]
LONG = "x" * 5000


async def test_every_refusal_says_why_in_openais_words(settings: Settings) -> None:
    calls: list[tuple[str, Call, type[openai.APIStatusError], str, str, str]] = [
        ("other", lambda c: c.evals.list(), openai.AuthenticationError, "unauthenticated", "API key", "authentication"),
        (
            "ours",
            lambda c: c.evals.create(**wanted(name=LONG)),
            openai.APIStatusError,
            "content_too_large",
            "limit",
            "invalid",
        ),
        ("ours", lambda c: c.evals.list(after=chr(0)), openai.BadRequestError, "malformed_request", "NUL", "invalid"),
        (
            "ours",
            lambda c: c.files.retrieve("none"),
            openai.RateLimitError,
            "too_many_requests",
            "minute",
            "rate_limit",
        ),
    ]
    bounds = {"api_key": SecretStr("ours"), "requests_per_minute_per_key": 2, "max_body_bytes": 3000}
    async with served(settings.model_copy(update=bounds)) as api, openai_client(api) as client:
        for key, call, raised, code, told, kind in calls:
            with pytest.raises(raised, match=told) as caught:
                await call(client.with_options(api_key=key))
            assert (caught.value.code, told in caught.value.body["message"]) == (code, True)  # type: ignore[index]
            assert str(caught.value.type).startswith(kind)
        answer = await api.get("/v1/evals", headers={"Authorization": "Bearer ours"})
        assert (answer.status_code, answer.json()["type"]) == (429, "/problems/too-many-requests")
        ours = await api.get("/v1/runs", headers={"Authorization": "Bearer ours"})
        assert "error" not in ours.json(), "of our own addresses a problem is a problem"


def wanted(*criteria: dict[str, Any], **changes: Any) -> Any:
    return {"data_source_config": CONFIG, "testing_criteria": [*criteria] or [EXACT], **changes}


def multi(formula: str, **changes: Any) -> dict[str, Any]:
    grader: dict[str, Any] = {"type": "multi", "name": "m", "graders": {"same": EXACT}, "calculate_output": formula}
    return grader | changes


HOSTILE: list[tuple[dict[str, Any], str]] = [
    (multi("-" * 1900 + "same"), "nests 100"),
    (multi("same" + "+1" * 900), "nests 100"),
    (multi("(" * 900 + "same" + ")" * 900), "cannot be read"),
    (multi("True"), "names, numbers"),
    (multi("same", graders=["same"]), "objects with a `name`"),
    (multi("same", graders=[EXACT | {"name": "same"}] * 2), "two of the `graders` are called 'same'"),
]


async def test_formulas_and_graders_that_cannot_work_are_bad_requests(idle: openai.AsyncOpenAI) -> None:
    for criterion, told in HOSTILE:
        with pytest.raises(openai.BadRequestError, match=told):
            await idle.evals.create(**wanted(criterion))
    fine = multi("(same" + "+1" * 80 + ")/2", graders=[EXACT | {"name": "same"}])
    alike = [EXACT | {"name": name} for name in ("a", "a 3", "a", "a", "é", "?")]
    made = await idle.evals.create(**wanted(fine, *alike))
    run = await idle.evals.runs.create(made.id, data_source=jsonl("Paris"))  # type: ignore[arg-type]
    assert [each.testing_criteria for each in run.per_testing_criteria_results] == ["m", "a", "a 3", "a", "a", "é", "?"]


async def test_output_items_that_cannot_be_are_not_found(idle: openai.AsyncOpenAI) -> None:
    eval_id = await created(idle)
    run = await idle.evals.runs.create(eval_id, data_source=completions())  # type: ignore[arg-type]
    for place in ("9" * 5000, "٣", "00", "-1", "", "4294967296"):
        with pytest.raises(openai.NotFoundError, match="no output item"):
            await idle.evals.runs.output_items.retrieve(f"{run.id}-{place}", eval_id=eval_id, run_id=run.id)


async def test_what_broke_halfway_is_made_once_when_it_is_repeated(
    idle: openai.AsyncOpenAI, api: httpx2.AsyncClient, settings: Settings
) -> None:
    line = b'{"item": {"country": "Peru", "capital": "Lima"}}'
    calls: list[Call] = [
        lambda c: c.evals.create(**wanted(), extra_headers={"Idempotency-Key": "an-eval"}),
        lambda c: c.files.create(file=("x.jsonl", line), purpose="evals", extra_headers={"Idempotency-Key": "a-file"}),
    ]
    async with open_engine(settings.database_url, pool_size=1) as engine:
        for call in calls:
            async with engine.begin() as connection:
                await connection.execute(text(BREAK))
                await connection.execute(text(BREAKING))
            with pytest.raises(openai.InternalServerError, match="database does not answer") as caught:
                await call(idle)
            assert (caught.value.code, caught.value.type) == ("service_unavailable", "server_error")
            async with engine.begin() as connection:
                await connection.execute(text("drop function break_audit cascade"))
            assert (await call(idle)).id == (await call(idle)).id
    assert len([each async for each in idle.evals.list()]) == 1
    assert len([each async for each in idle.files.list()]) == 1


AWAY = "begin raise 'away' using errcode = '57P01'; end"
BREAK = f"create function break_audit() returns trigger as $${AWAY}$$ language plpgsql"
BREAKING = "create trigger broken before insert on audit_events for each row execute function break_audit()"
"""What is done before an audit event is; the event is not."""
