"""Screens: what they tell of recorded runs, that hostile texts stay texts, and that mistakes are told in words."""

import re
from collections.abc import AsyncIterator

import httpx2
import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from adapters.database.connections import raw_connection
from adapters.database.engine import open_engine
from adapters.database.runs import RunRepository
from core.settings import Settings
from tests.api.bodies import definition
from tests.api.conftest import served
from tests.api.test_reports import HOSTILE, Outline, hostile_run
from tests.evaluators.cases import shares
from tests.recorded import Recorded, record

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; "
    "form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)


@pytest.fixture
async def engine(settings: Settings) -> AsyncIterator[AsyncEngine]:
    async with open_engine(settings.database_url) as engine:
        yield engine


async def page_of(api: httpx2.AsyncClient, address: str, status: int = 200) -> str:
    answer = await api.get(address, follow_redirects=True)
    assert (answer.status_code, answer.headers["content-type"]) == (status, "text/html; charset=utf-8"), answer.text
    assert answer.headers["content-security-policy"] == POLICY
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "no-store" in answer.headers["cache-control"]
    return answer.text


def seen(page: str) -> str:
    """Its text, without marks."""
    return " ".join(re.sub(r"<[^>]+>", " ", page[page.index("<main") :]).split())


async def test_whoever_comes_to_the_service_is_shown_the_overview(api: httpx2.AsyncClient) -> None:
    page = await page_of(api, "/")
    assert "Nothing was run yet" in page
    assert "benchmark run benchmark.yaml" in page


async def test_a_run_is_shown_with_its_finding_its_figures_and_where_to_go(
    api: httpx2.AsyncClient, engine: AsyncEngine
) -> None:
    run_id = await record(engine, Recorded({"old": shares(100, 200), "new": shares(150, 200)}))
    page = await page_of(api, f"/ui/runs/{run_id}")
    assert "new is better than old by 25.0 points." in page
    assert "75.0%" in page
    for place in ("items", "report.html", "export?format=csv"):
        assert f'href="/ui/runs/{run_id}/{place}"' in page
    assert "Benchmark report" in (await api.get(f"/ui/runs/{run_id}/report.html")).text
    overview = seen(await page_of(api, "/ui"))
    assert "new 75.0%" in overview
    assert "No run is at work." in overview


async def test_lists_go_on_where_they_ended_and_are_narrowed(api: httpx2.AsyncClient, engine: AsyncEngine) -> None:
    known = {"a": shares(40, 70)}
    run_id = await record(engine, Recorded(known, categories=("odd", "even")))
    await record(engine, Recorded(known, name="others"))
    listed = await page_of(api, "/ui/runs?name=others&status=&schedule=")
    assert "others</bdi>" in listed
    assert "sums</bdi>" not in listed
    first = await page_of(api, f"/ui/runs/{run_id}/items?agent=a&verdict=right")
    assert first.count('<th scope="row">') == 40
    whole = await page_of(api, f"/ui/runs/{run_id}/items")
    following = re.search(r'<a href="([^"]+)" rel="next">', whole)
    assert following is not None
    rest = await page_of(api, following[1].replace("&amp;", "&"))
    assert (whole.count('<th scope="row">'), rest.count('<th scope="row">')) == (50, 20)
    assert "No item is like that" in await page_of(api, f"/ui/runs/{run_id}/items?category=none")


async def test_two_runs_are_compared_and_what_cannot_be_is_told(api: httpx2.AsyncClient, engine: AsyncEngine) -> None:
    before = await record(engine, Recorded({"a": shares(150, 200)}))
    after = await record(engine, Recorded({"a": shares(100, 200)}))
    elsewhere = await record(engine, Recorded({"a": shares(100, 200)}, case_set="another"))
    page = seen(await page_of(api, f"/ui/compare?baseline={before}+a&candidate={after}+a"))
    assert "Worse: 50.0% against 75.0%" in page
    assert "The 40 greatest of 50 changes" in page
    refused = await page_of(api, f"/ui/compare?baseline={before}+a&candidate={elsewhere}+a")
    assert "They are not compared" in refused
    assert "Compare all the same" in refused
    allowed = await page_of(api, f"/ui/compare?baseline={before}&candidate={elsewhere}&allow=dataset&allow=evaluators")
    assert "The finding" in allowed
    assert "There is no run" in await page_of(api, f"/ui/compare?baseline={before}&candidate=run_none")


async def test_hostile_texts_stay_texts(api: httpx2.AsyncClient, settings: Settings, engine: AsyncEngine) -> None:
    run_id = await hostile_run(settings, engine)
    for address in (
        f"/ui/runs/{run_id}",
        f"/ui/runs/{run_id}/items",
        *(f"/ui/runs/{run_id}/items/0-{at}-0" for at in range(6)),
    ):
        page = await page_of(api, address)
        outline = Outline(page)
        assert [each["src"] for each in outline.named("script")] == [outline.named("script")[0]["src"]]
        assert not {tag for tag, _ in outline.tags} & {"iframe", "img", "object", "embed", "style"}
        assert not [name for _, attributes in outline.tags for name in attributes if name.startswith("on")]
        assert "javascript:" not in "".join(link["href"] or "" for link in outline.named("a"))
        assert "\x01" not in page
        assert HOSTILE[0] not in page


async def test_a_mistake_is_a_page_in_words(api: httpx2.AsyncClient) -> None:
    for address, status, said in (
        ("/ui/runs/run_none", 404, "There is no run"),
        ("/ui/nothing", 404, "There is nothing at"),
        ("/ui/runs?status=odd", 422, "status"),
        ("/ui/runs?cursor=odd", 422, "cursor"),
        ("/ui/runs/run_none/items/9", 422, "item_id"),
    ):
        page = await page_of(api, address, status)
        assert said in seen(page)
        assert "The service's log tells more under" in page
        assert (await api.head(address)).status_code == status
    assert (await api.get("/ui/")).status_code == 200


async def test_what_is_stored_is_shown_and_how_it_did_over_time(
    api: httpx2.AsyncClient, settings: Settings, engine: AsyncEngine
) -> None:
    for right in (150, 160, 120):
        await record(engine, Recorded({"old": shares(100, 200), "new": shares(right, 200)}))
    benchmark = await page_of(api, "/ui/benchmarks/sums")
    assert "3 runs over the same questions" in benchmark
    assert 'aria-label="Scores of 3 runs, the oldest first; the last: old 50.0%, new 60.0%."' in benchmark
    assert "kind: exact" in benchmark
    board = seen(await page_of(api, "/ui/leaderboards"))
    assert "new leads alone." in board
    rows = b"question,answer\n<script>alert(1)</script>,4\n"
    sent = await api.post(
        "/v1/datasets",
        params={"name": "lab/sums", "filename": "sums.csv"},
        content=rows,
        headers={"Content-Type": "text/csv"},
    )
    assert sent.status_code == 201, sent.text
    agent = {"name": "lab", "agent": {"kind": "openai", "model": "small", "credential": "lab-key"}}
    assert (await api.post("/v1/agents", json=agent)).status_code == 201
    assert "lab/sums" in await page_of(api, "/ui/datasets")
    assert "&lt;script&gt;alert(1)" in await page_of(api, "/ui/datasets/lab%2Fsums")
    assert "credential: lab-key" in await page_of(api, "/ui/agents/lab")
    assert "6 runs" not in await page_of(api, "/ui/cost")
    assert "old" in seen(await page_of(api, "/ui/cost?days=7"))
    settings_page = seen(await page_of(api, "/ui/settings"))
    assert "agent.store" in settings_page
    assert "temporal does not answer" in settings_page


async def test_a_schedule_is_shown_and_steered(scheduling: Settings) -> None:
    async with served(scheduling) as api:
        body = {"name": "nightly", "run": definition(), "when": {"cron": ["0 3 * * *"]}}
        made = (await api.post("/v1/schedules", json=body)).json()
        assert "nightly" in seen(await page_of(api, "/ui/schedules"))
        here = f"/ui/schedules/{made['schedule_id']}"
        page = seen(await page_of(api, here))
        assert "active" in page
        assert "0 3 * * *" in page
        paused = await api.post(f"{here}/pause", headers={"Sec-Fetch-Site": "same-origin"})
        assert (paused.status_code, paused.headers["location"]) == (303, here)
        assert "Paused by operator." in seen(await page_of(api, "/ui/schedules/nightly"))
        await api.delete(here.replace("/ui", "/v1"))


async def test_items_are_found_by_what_they_took_and_said(api: httpx2.AsyncClient, engine: AsyncEngine) -> None:
    run_id = await record(engine, Recorded({"a": [1.0, 0.0, 1.0, None]}))
    number = await RunRepository(engine).number(run_id)
    async with raw_connection(engine) as connection:
        said = (
            "update results set text = 'It is 100 % Sure_' || case_index, latency_s = case_index, cost_usd = case_index"
        )
        await connection.execute(f"{said} where run_no = $1 and status = 'answered'", number)
        await connection.execute(
            "update results set detail = 'Gone AWAY' where run_no = $1 and status = 'failed'", number
        )

    async def found(**wanted: str) -> list[str]:
        answer = await api.get(f"/v1/runs/{run_id}/items", params=wanted)
        assert answer.status_code == 200, answer.text
        return [item["case_id"] for item in answer.json()["items"]]

    assert await found(text="sure_1") == ["case-1"]
    assert await found(text="100 % s") == ["case-0", "case-1", "case-2"]
    assert await found(text="%") == ["case-0", "case-1", "case-2"], "a sign like others"
    assert await found(text="away") == ["case-3"]
    assert await found(min_latency_s="1", max_latency_s="1.5") == ["case-1"]
    assert await found(min_cost_usd="1") == ["case-1", "case-2"]
    assert await found(max_cost_usd="1", correct="true") == ["case-0"]
    for wrong in ({"min_latency_s": "-1"}, {"max_cost_usd": "NaN"}, {"min_cost_usd": "inf"}):
        assert (await api.get(f"/v1/runs/{run_id}/items", params=wrong)).status_code == 422
    page = await page_of(api, f"/ui/runs/{run_id}/items?text=sure_1&min_latency_s=&min_cost_usd=")
    assert page.count('<th scope="row">') == 1
