"""Every screen in Chromium: nothing to complain of, nothing foreign asked for, nothing wider than the window, and a run
that moves on while it is looked at."""

import asyncio
from collections.abc import AsyncIterator
from itertools import pairwise
from pathlib import Path
from urllib.parse import urlsplit

import httpx2
import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from adapters.database.engine import open_engine
from adapters.database.runs import RunRepository
from core.settings import Settings
from tests.api.web.test_screens import page_of
from tests.browser import Page, browsing
from tests.evaluators.cases import shares
from tests.recorded import Recorded, record

SCREENS = (
    "overview", "runs", "compare", "leaderboards", "schedules", "cost", "benchmarks", "datasets", "agents", "judges",
    "settings",
)  # fmt: skip
UNLABELLED = """[...document.querySelectorAll("input:not([type=hidden]), select, svg[role=img], [role=region]")].filter(
  each => !(each.labels?.length || each.getAttribute("aria-label"))).length"""
LEVELS = """[...document.querySelectorAll("h1, h2, h3")].map(each => Number(each.tagName[1]))"""


@pytest.fixture
async def engine(settings: Settings) -> AsyncIterator[AsyncEngine]:
    async with open_engine(settings.database_url) as engine:
        yield engine


async def looked_at(page: Page, base: str, address: str) -> None:
    await page.go(f"{base}{address}")
    wide = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    assert await page.ask(wide) <= 0, f"{address} is wider than its window"
    assert await page.ask(UNLABELLED) == 0, address
    levels = await page.ask(LEVELS)
    assert levels[0] == 1
    assert levels.count(1) == 1, address
    assert all(after - before <= 1 for before, after in pairwise(levels)), (address, levels)


async def becomes(page: Page, expression: str, wanted: object) -> None:
    async with asyncio.timeout(20):
        while True:
            if await page.ask(expression) == wanted:
                return
            await asyncio.sleep(0.05)


async def test_every_screen_is_sound(api: httpx2.AsyncClient, engine: AsyncEngine, tmp_path: Path) -> None:
    known = {"old": shares(100, 160), "a-model-with-quite-a-long-name": shares(130, 160)}
    first = await record(engine, Recorded(known, trials=2, categories=("odd", "even")))
    second = await record(engine, Recorded(known, trials=2, categories=("odd", "even")))
    base = str(api.base_url).rstrip("/")
    addresses = [f"/ui/{name}" if name != "overview" else "/ui" for name in SCREENS]
    addresses += [f"/ui/runs/{first}", f"/ui/runs/{first}/items", f"/ui/runs/{first}/items/0-3-0", "/ui/nothing"]
    addresses += [f"/ui/compare?baseline={first}+old&candidate={second}+old", "/ui/benchmarks/sums"]
    async with browsing(tmp_path) as page:
        for width, dark in ((1280, False), (360, True)):
            await page.appear(width=width, dark=dark)
            for address in addresses:
                await looked_at(page, base, address)
        missing = [each for each in page.complaints if "404" not in each]
        assert missing == []
        assert {urlsplit(each).netloc for each in page.requests if not each.startswith("data:")} == {base[7:]}


async def test_a_run_moves_on_while_somebody_looks_at_it(
    api: httpx2.AsyncClient, engine: AsyncEngine, tmp_path: Path
) -> None:
    run_id = await record(engine, Recorded({"a": shares(10, 20)}))
    runs = RunRepository(engine)
    await runs.next_round(run_id)
    await runs.begin(run_id, case_set="digest", case_count=20)
    assert "data-live" in await page_of(api, f"/ui/runs/{run_id}")
    async with browsing(tmp_path) as page:
        await page.go(f"{str(api.base_url).rstrip('/')}/ui/runs/{run_id}")
        assert await page.ask("document.querySelector('[data-part=head] .chip').textContent") == "processing"
        await runs.note(run_id, "paused", error="Somebody wanted a look.")
        await becomes(page, "document.querySelector('[data-part=head] .chip').textContent", "paused")
        assert "Somebody wanted a look." in await page.ask("document.querySelector('main').textContent")
        await runs.note(run_id, "completed")
        await becomes(page, "document.querySelector('.headline') !== null", True)
        assert page.complaints == []
