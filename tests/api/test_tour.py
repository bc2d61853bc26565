"""Every operation does what its description says, and the examples of the documentation are what it did."""

import os
from collections.abc import AsyncIterator

import httpx2
import orjson
import pytest

from api.app import create_app
from api.description import RECORDED
from cli.embedded.temporal import TemporalServer
from core.settings import Settings
from tests.api.conftest import served
from tests.api.live import with_temporal, working
from tests.api.recorder import missing_examples, stale_examples
from tests.api.tour import answer, gone
from tests.providers import Provider

RECORDING = "BENCHMARK_RECORD_EXAMPLES" in os.environ
"""Whether to keep what is seen (`make openapi`)."""


@pytest.fixture
def settings(settings: Settings, temporal_server: TemporalServer) -> Settings:
    return with_temporal(settings, temporal_server)


@pytest.fixture
async def api(settings: Settings) -> AsyncIterator[httpx2.AsyncClient]:
    async with served(settings) as client, working(settings) as worker:
        await worker.start()
        yield client


async def test_every_operation_answers_as_it_is_described(api: httpx2.AsyncClient, settings: Settings) -> None:
    description = (await api.get("/openapi.json")).json()
    async with Provider(answer) as provider:
        seen = await gone(api, settings, description, model=provider.url)
    there = {each["operationId"] for methods in description["paths"].values() for each in methods.values()}
    assert there - set(seen.examples) == set(), "every operation has its place in tests/api/tour.py"
    if RECORDING:
        RECORDED.write_bytes(orjson.dumps(seen.examples, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE))


@pytest.mark.skipif(RECORDING, reason="the examples are just being recorded")
def test_every_request_and_every_answer_has_an_example() -> None:
    description = create_app(Settings()).openapi()
    assert missing_examples(description) == [], "add it to tests/api/tour.py, then `make openapi`"
    assert stale_examples(description) == [], "`make openapi` records the examples anew"
