"""Reports over REST: what they say of every kind of run, and that nothing in them does anything but be read."""

import re
from collections.abc import AsyncIterator, Sequence
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path
from typing import Any

import httpx2
import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from adapters.database.connections import raw_connection
from adapters.database.engine import open_engine
from adapters.database.runs import RunRepository
from api.report_page.page import policy, style
from api.services import open_services
from core.benchmarks import BenchmarkDefinition, DatasetSpec
from core.ids import DEFAULT_PROJECT, new_id
from core.settings import Settings
from tests.api.conftest import problem
from tests.browser import browsing
from tests.evaluators.cases import shares
from tests.recorded import Recorded, record

HOSTILE = (
    "<script>alert(1)</script>",
    "[press me](javascript:alert(2)) <img src=x onerror=alert(3)> <svg onload=alert(4)>",
    '"><iframe src="https://example.com/"></iframe><style>@import url(https://example.com/x.css)</style>',
    "\u202etfel ot thgir\u202c \u2067\u05e9\u05dc\u05d5\u05dd",
    "x" * 100_000,
    "{{ 7 * 7 }} {% include '/etc/passwd' %} \x01\x1b[31m",
    "no answer came to this",
)
VOID = {"meta", "link", "br", "img", "input", "hr"}


class Outline(HTMLParser):
    """What a page is made of, and whether all that was opened is closed."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self._open: list[str] = []
        self.feed(page)
        self.close()
        assert self._open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag

    def named(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.tags if name == tag]


@pytest.fixture
async def engine(settings: Settings) -> AsyncIterator[AsyncEngine]:
    async with open_engine(settings.database_url) as engine:
        yield engine


async def page_of(api: httpx2.AsyncClient, run_id: str, **query: str) -> str:
    answer = await api.get(f"/v1/runs/{run_id}/report.html", params=query)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    return answer.text


def headline(page: str) -> str:
    found = re.search(r'<p class="headline"><bdi>(.*?)</bdi>', page, re.DOTALL)
    assert found is not None
    return found[1]


def seen(page: str) -> str:
    """Its text, without marks."""
    return " ".join(re.sub(r"<[^>]+>", " ", page[page.index("<body>") :]).split())


async def stored_cases(settings: Settings, texts: Sequence[str]) -> str:
    """The digest of cases whose questions and expected answers are these texts."""
    rows = [{"id": f"case-{at}", "input": text, "expected": text} for at, text in enumerate(texts)]
    spec = DatasetSpec.model_validate({"source": {"kind": "inline", "rows": rows}})
    async with open_services(settings) as services:
        return (await services.case_sets.prepare(spec, project_id=DEFAULT_PROJECT, examples=0)).digest


async def hostile_run(settings: Settings, engine: AsyncEngine) -> str:
    """Two agents that answer with texts that want to be more than texts."""
    case_set = await stored_cases(settings, HOSTILE)
    known = {"a": [1.0, 0.0, 1.0, 0.0, 1.0, 0.0, 1.0], "b": [0.0, 1.0, 0.0, 1.0, 0.0, 1.0, None]}
    changes = {"description": HOSTILE[0], "prompt": {"system": HOSTILE[2]}}
    run_id = await record(engine, Recorded(known, case_set=case_set, categories=HOSTILE[:4], changes=changes))
    number = await RunRepository(engine).number(run_id)
    async with raw_connection(engine) as connection:
        texts = "update results set text = ($2::text[])[1 + case_index], detail = $3 where run_no = $1"
        await connection.execute(texts, number, list(HOSTILE), HOSTILE[1])
        await connection.execute("update scores set reason = $2 where run_no = $1", number, HOSTILE[2])
    return run_id


async def test_an_agent_is_called_better_only_beyond_chance(api: httpx2.AsyncClient, engine: AsyncEngine) -> None:
    clear = await record(engine, Recorded({"old": shares(100, 200), "new": shares(150, 200)}))
    page = await page_of(api, clear)
    assert headline(page) == "new is better than old by 25.0 points."
    assert headline(await page_of(api, clear, baseline="new")) == headline(page), "whoever is held against whom"
    assert "p &lt; 0.0001" in page
    assert "100 50 0 50" not in seen(page)
    even = await record(engine, Recorded({"old": shares(100, 200), "new": shares(103, 200)}))
    assert headline(await page_of(api, even)) == "No difference between old and new can be told."


async def test_questions_that_changed_hands_are_counted(api: httpx2.AsyncClient, engine: AsyncEngine) -> None:
    known = {"old": [1.0] * 6 + [0.0] * 4, "new": [1.0] * 5 + [0.0] + [1.0] * 3 + [0.0]}
    text = seen(await page_of(api, await record(engine, Recorded(known))))
    assert "new right wrong old right 5 1 wrong 3 1" in text


async def test_one_agent_is_told_with_its_interval_and_method(api: httpx2.AsyncClient, engine: AsyncEngine) -> None:
    page = await page_of(api, await record(engine, Recorded({"alone": shares(8, 10)})))
    assert headline(page) == "alone was right in 80.0% of 10 answers (95 % interval 49.0% to 94.3%)."
    assert "Wilson&#39;s score interval" in page or "Wilson's score interval" in page
    assert 'id="differences"' not in page


async def test_twelve_agents_are_ranked_with_the_places_chance_allows(
    api: httpx2.AsyncClient, engine: AsyncEngine
) -> None:
    known = {f"agent {number}": shares(20 + 7 * number, 120) for number in range(12)}
    page = await page_of(api, await record(engine, Recorded(known, categories=["one", "two", "three"])))
    assert "may each be the best" in headline(page)
    assert "corrected for 11 comparisons (Holm)" in page
    assert page.count('class="h') >= 36


async def test_every_chart_has_words_and_every_table_its_heads(api: httpx2.AsyncClient, engine: AsyncEngine) -> None:
    known = {name: [0.5, None, 1.0, 0.0, 0.25, 1.0, 1.0, 0.75] * 3 for name in ("a", "b", "c")}
    run_id = await record(engine, Recorded(known, trials=3, categories=["one", "two"]))
    outline = Outline(await page_of(api, run_id))
    pictures = outline.named("svg")
    assert len(pictures) > 10
    for picture in pictures:
        assert picture.get("aria-hidden") == "true" or (picture["role"] == "img" and picture["aria-label"])
    assert len(outline.named("table")) == len(outline.named("caption")) > 5
    assert {cell.get("scope") for cell in outline.named("th")} == {"row", "col"}
    ids = [attributes["id"] for _, attributes in outline.tags if "id" in attributes]
    assert len(ids) == len({*ids})
    headings = [int(tag[1]) for tag, _ in outline.tags if re.fullmatch("h[1-6]", tag)]
    assert headings[0] == 1
    assert all(after - before <= 1 for before, after in pairwise(headings))
    assert {place["href"] for place in outline.named("a")} <= {f"#{each}" for each in ids}


async def test_failures_are_counted_by_cause_and_never_as_wrong(api: httpx2.AsyncClient, engine: AsyncEngine) -> None:
    page = await page_of(api, await record(engine, Recorded({"a": [1.0, 1.0, None, None]})))
    assert headline(page).startswith("a was right in 100.0% of 2 answers")
    assert "no complete answer came within `timeout_s`" in page
    assert "The figures of a are partial: 50.0% of its questions were scored" in page


async def test_a_run_that_is_not_over_tells_what_is_known_and_calls_nobody_better(
    api: httpx2.AsyncClient, engine: AsyncEngine
) -> None:
    run_id = await record(engine, Recorded({"old": shares(50, 200), "new": shares(150, 200)}))
    async with raw_connection(engine) as connection:
        number = await RunRepository(engine).number(run_id)
        await connection.execute("update runs set status = 'processing', completed_at = null where run_no = $1", number)
        await connection.execute("update run_agents set metrics = null, total = 400 where run_no = $1", number)
    page = await page_of(api, run_id)
    assert headline(page) == "The run is not over."
    assert "So far: new was right in" in page
    assert "favour whoever is ahead by chance" in page


async def test_a_run_that_failed_says_why(api: httpx2.AsyncClient, engine: AsyncEngine) -> None:
    runs, run_id = RunRepository(engine), new_id("run")
    config: dict[str, Any] = {
        "name": "sums",
        "dataset": {"source": {"kind": "inline", "rows": []}},
        "evaluators": [{"kind": "exact"}],
    }
    agents = [{"name": "a", "agent": {"kind": "simulated"}}]
    definition = BenchmarkDefinition.model_validate(config | {"agents": agents})
    await runs.create(run_id, definition, project_id=DEFAULT_PROJECT)
    assert headline(await page_of(api, run_id)) == "The run is not over."
    await runs.note(run_id, "failed", "The dataset has no rows.")
    page = await page_of(api, run_id)
    assert headline(page) == "The run has nothing to show."
    assert "The dataset has no rows." in page


async def test_many_items_make_no_large_page(api: httpx2.AsyncClient, engine: AsyncEngine) -> None:
    known = {name: shares(right, 4000) for name, right in (("a", 3000), ("b", 2900))}
    page = await page_of(api, await record(engine, Recorded(known, categories=[f"c{at}" for at in range(80)])))
    assert len(page) < 150_000
    assert "40 smaller categories not shown" in page


async def test_what_is_asked_of_a_report_is_checked(api: httpx2.AsyncClient, engine: AsyncEngine) -> None:
    run_id = await record(engine, Recorded({"a": shares(8, 10)}))
    refused = problem(
        await api.get(f"/v1/runs/{run_id}/report.html", params={"baseline": "nobody"}), 422, "invalid-request"
    )
    assert "its agents are a." in str(refused)
    answer = await api.get(f"/v1/runs/{run_id}/report.html")
    assert answer.headers["content-security-policy"] == f"{policy()}; frame-ancestors 'none'"
    assert answer.headers["content-disposition"] == f'inline; filename="report-{run_id}.html"'
    problem(await api.get(f"/v1/runs/{new_id('run')}/report.html"), 404, "not-found")


async def test_hostile_texts_stay_texts(settings: Settings, api: httpx2.AsyncClient, engine: AsyncEngine) -> None:
    page = await page_of(api, await hostile_run(settings, engine))
    assert len(page) < 200_000
    outline = Outline(page)
    for tag in ("script", "iframe", "img", "object", "form", "base"):
        assert outline.named(tag) == []
    assert not [name for _, attributes in outline.tags for name in attributes if name.startswith("on")]
    assert page.count("<style>") == 1
    assert "100,000 characters in all" in page
    assert "{{ 7 * 7 }}" in page
    assert "\x1b" not in page


async def test_a_browser_finds_nothing_to_complain_of_and_asks_nobody_for_anything(
    settings: Settings, api: httpx2.AsyncClient, engine: AsyncEngine, tmp_path: Path
) -> None:
    run_id = await hostile_run(settings, engine)
    file = tmp_path / "report.html"
    file.write_text(await page_of(api, run_id))
    async with browsing(tmp_path / "browser") as page:
        for address in (file.as_uri(), f"{api.base_url}/v1/runs/{run_id}/report.html"):
            for width, dark in ((1200, False), (1200, True), (360, False)):
                await page.appear(width=width, dark=dark)
                await page.go(address)
                taken, room = await page.ask("[document.documentElement.scrollWidth, innerWidth]")
                assert taken <= room, f"it scrolls sideways at {width}"
            assert await page.ask("document.title") == "sums \u2013 benchmark report"
            assert {each for each in page.requests if each != "data:,"} == {address}
            page.requests.clear()
        light = await page.ask("getComputedStyle(document.body).backgroundColor")
        await page.appear(width=1200, dark=True)
        assert light != await page.ask("getComputedStyle(document.body).backgroundColor")
        await page.appear(width=1200, media="print")
        assert await page.ask("getComputedStyle(document.querySelector('nav')).display") == "none"
        assert (await page.paper()).startswith(b"%PDF-")
        assert page.complaints == []


def colours(block: str) -> dict[str, tuple[float, ...]]:
    """The variables of a block of the style, as linear light."""
    found = re.findall(r"--([a-z0-9-]+): #([0-9a-f]{3,6});", block)
    return {name: linear(told if len(told) == 6 else "".join(2 * digit for digit in told)) for name, told in found}


def linear(told: str) -> tuple[float, ...]:
    parts = (int(told[at : at + 2], 16) / 255 for at in (0, 2, 4))
    return tuple(part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)


def contrast(one: tuple[float, ...], other: tuple[float, ...]) -> float:
    """Of WCAG 2.2."""
    lights = sorted(0.2126 * red + 0.7152 * green + 0.0722 * blue for red, green, blue in (one, other))
    return (lights[1] + 0.05) / (lights[0] + 0.05)


def test_colours_can_be_told_from_what_is_behind_them() -> None:
    blocks = re.findall(r":root \{(.*?)\}", style(), re.DOTALL)
    assert len(blocks) == 3, "light, dark, paper"
    for block in blocks:
        found = colours(block)
        for text in ("ink", "soft", "accent"):
            for back in ("page", "sheet", "raised"):
                assert contrast(found[text], found[back]) >= 4.5, f"{text} on {back}"
        for chip in ("good", "bad", "open"):
            assert contrast(found[chip], found[f"{chip}-back"]) >= 4.5, chip
        for mark in ("strong-edge", *(f"s{number}" for number in range(8)), "good", "bad"):
            assert contrast(found[mark], found["sheet"]) >= 3, mark


async def test_an_agent_that_never_answered_is_no_loser(api: httpx2.AsyncClient, engine: AsyncEngine) -> None:
    page = await page_of(api, await record(engine, Recorded({"a": [1.0, 0.0, 1.0], "gone": [None] * 3})))
    assert headline(page) == "a was right in 66.7% of 3 answers (95 % interval 20.8% to 93.9%)."
    assert "The figures of gone are invalid: 0.0% of its questions were scored" in page


async def test_who_has_figures_is_held_against_who_has_them_too(api: httpx2.AsyncClient, engine: AsyncEngine) -> None:
    three = {"a": [1.0, 0.0, 1.0], "gone": [None] * 3, "b": [1.0, 1.0, 1.0]}
    page = await page_of(api, await record(engine, Recorded(three)))
    assert headline(page) == "No difference between a and b can be told."
