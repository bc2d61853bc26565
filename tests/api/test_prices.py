"""`/v1/prices`: who says what a model costs, in which order, and where nobody does."""

import httpx2
import pytest

from tests.api.conftest import problem
from tests.providers import Provider, Says

OURS = "https://models.example.com/v1"


async def test_a_price_comes_from_the_table_until_the_operator_says_otherwise(api: httpx2.AsyncClient) -> None:
    known = (await api.get("/v1/prices/gpt-4o")).json()
    assert (known["origin"], known["price"]["source"]) == ("https://api.openai.com:443", "table")
    assert [known["price"][name] for name in ("input", "output", "cached_input")] == pytest.approx([2.5, 10, 1.25])
    assert "gpt-4o of openai, by the table of genai-prices" in known["price"]["detail"]
    body = {"base_url": "https://api.openai.com/v1", "input": 1.0, "output": 4.0}
    assert (await api.put("/v1/prices/gpt-4o", json=body)).status_code == 200
    said = (await api.get("/v1/prices/gpt-4o")).json()["price"]
    assert (said["input"], said["output"], said["source"], said["since"] is not None) == (1, 4, "operator", True)
    [listed] = (await api.get("/v1/prices")).json()["items"]
    assert (listed["model"], listed["price"]) == ("gpt-4o", {"input": 1.0, "output": 4.0})
    query = {"base_url": "https://api.openai.com"}
    assert (await api.delete("/v1/prices/gpt-4o", params=query)).status_code == 204
    problem(await api.delete("/v1/prices/gpt-4o", params=query), 404, "not-found")
    assert (await api.get("/v1/prices/gpt-4o")).json()["price"]["source"] == "table"
    told = {event["action"] for event in (await api.get("/v1/audit-events")).json()["items"]}
    assert {"price.set", "price.remove"} <= told


async def test_other_vendors_are_found_and_unknown_models_are_told_apart_from_free_ones(
    api: httpx2.AsyncClient,
) -> None:
    assert (await api.get("/v1/prices/claude-sonnet-4-5")).json()["origin"] == "https://api.anthropic.com:443"
    said = problem(await api.get("/v1/prices/our/own", params={"base_url": OURS}), 404, "not-found")
    assert "Nobody knows what 'our/own' costs" in said["detail"]
    assert (await api.put("/v1/prices/our/own", json={"base_url": OURS, "input": 0, "output": 0})).status_code == 200
    free = (await api.get("/v1/prices/our/own", params={"base_url": OURS})).json()["price"]
    assert (free["input"], free["source"]) == (0, "operator")
    for wrong in ({"input": -1}, {"base_url": "nowhere"}, {"currency": "EUR"}):
        body = {"base_url": OURS, "input": 1, "output": 1} | wrong
        problem(await api.put("/v1/prices/m", json=body), 422, "invalid-request")


async def test_an_agent_without_a_price_costs_what_the_operator_says(api: httpx2.AsyncClient) -> None:
    async with Provider(lambda _: Says("Paris", input_tokens=1000, output_tokens=500)) as provider:
        spec = {"name": "lab", "agent": {"kind": "openai", "model": "small", "base_url": provider.url}}
        assert (await api.post("/v1/agents/test", json={"agent": spec})).json()["cost_usd"] is None
        body = {"base_url": provider.url, "input": 2.0, "output": 8.0}
        assert (await api.put("/v1/prices/small", json=body)).status_code == 200
        assert (await api.post("/v1/agents/test", json={"agent": spec})).json()["cost_usd"] == pytest.approx(0.006)
        own = spec | {"price": {"input": 0, "output": 0}}
        assert (await api.post("/v1/agents/test", json={"agent": own})).json()["cost_usd"] == 0
