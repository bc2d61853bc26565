"""A service with a worker, OpenAI's client of it, and a provider that both models and graders are."""

import json
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager

import httpx2
import openai
import pytest

from cli.embedded.temporal import TemporalServer
from core.settings import Settings
from tests.api.conftest import served
from tests.api.live import with_temporal, working
from tests.evaluators.test_similarity import embedded
from tests.providers import Asked, Provider, Sends

CAPITALS = {"France": "Paris", "Japan": "Kyoto", "Peru": "Lima"}


def answer(asked: Asked) -> str | Sends:
    """Vectors where those are asked for, a grader's reply where a form is, else a capital."""
    if asked.path.endswith("/embeddings"):
        return embedded(asked.body["input"])
    form = json.dumps(asked.body.get("response_format", ""))
    right = "Kyoto" not in asked.prompt
    if '"label"' in form:
        return json.dumps({"rationale": "As told.", "label": "correct" if right else "wrong"})
    if '"result"' in form:
        return json.dumps({"rationale": "As told.", "result": 9 if right else 2})
    return next((capital for country, capital in CAPITALS.items() if country in asked.prompt), "?")


@pytest.fixture
async def provider() -> AsyncIterator[Provider]:
    async with Provider(answer) as provider:
        yield provider


@pytest.fixture
async def working_api(
    settings: Settings, temporal_server: TemporalServer, provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[httpx2.AsyncClient]:
    """Whose operator set the endpoint that models are asked at, and lets graders run code."""
    monkeypatch.setenv("OPENAI_BASE_URL", provider.url)
    monkeypatch.setenv("OPENAI_API_KEY", "sk-of-the-operator")
    settings = with_temporal(settings, temporal_server).model_copy(update={"code_execution": "sandboxed"})
    async with working(settings) as worker, served(settings) as api:
        await worker.start()
        yield api


@asynccontextmanager
async def openai_client(api: httpx2.AsyncClient) -> AsyncGenerator[openai.AsyncOpenAI]:
    """All that an old script changes."""
    base = f"{api.base_url}".rstrip("/")
    async with openai.AsyncOpenAI(base_url=f"{base}/v1", api_key="any", max_retries=0) as client:
        yield client


@pytest.fixture
async def client(working_api: httpx2.AsyncClient) -> AsyncIterator[openai.AsyncOpenAI]:
    async with openai_client(working_api) as client:
        yield client


@pytest.fixture
async def idle(api: httpx2.AsyncClient) -> AsyncIterator[openai.AsyncOpenAI]:
    """Of a service whose Temporal is away: it takes what it is sent, and runs nothing."""
    async with openai_client(api) as client:
        yield client
