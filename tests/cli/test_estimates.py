"""`benchmark estimate` and `benchmark prices`: what is told, and what is asked of the API."""

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from cli.estimates import estimate
from cli.prices import list_prices, remove_price, set_price, show_price
from cli.schemas import printed_schema
from cli.submission import Wish
from core.estimates import Estimate, Part, Range, priced
from core.prices import KnownPrice
from tests.cli.scripted_api import Answer, scripted_api

FILE = """
name: sums
dataset: {source: {kind: inline, rows: [{input: 1 + 1}]}}
agents: [{name: small, agent: {kind: openai, model: small}}]
evaluators: [{kind: numeric}]
"""
PRICE = KnownPrice(input=2.0, output=8.0, source="table", detail="small of lab, by a table.")
TAKEN = Range(low=800, expected=1000, high=1300)
GIVEN = Range(low=10, expected=500, high=None)


def told(price: KnownPrice | None) -> Any:
    part = Part(
        name="small",
        role="agent",
        calls=Range(low=10, expected=10, high=10),
        input_tokens=TAKEN,
        output_tokens=GIVEN,
        price=price,
        usd=priced(price, TAKEN, GIVEN),
        seconds=12.0,
    )
    found = Estimate(
        name="sums",
        cases=10,
        agents=1,
        trials=1,
        calls=10,
        judging_calls=Range(low=0, expected=0, high=0),
        input_tokens=TAKEN,
        output_tokens=GIVEN,
        usd=part.usd,
        seconds=12.0,
        parts=(part,),
        warnings=("The budget of the run does not reach.",),
        assumptions=("Something was assumed.",),
    )
    return found.model_dump(mode="json")


@pytest.fixture
def wish(tmp_path: Path) -> Wish:
    place = tmp_path / "sums.yaml"
    place.write_text(FILE)
    return Wish(str(place), limit=10, max_cost=0.001)


def test_an_estimate_is_told_with_what_it_rests_on(wish: Wish, capsys: pytest.CaptureFixture[str]) -> None:
    with scripted_api({"/v1/runs": [Answer(200, told(PRICE))]}) as api:
        estimate(api.url, wish, as_json=False)
    method, path, _, body = api.seen[0]
    assert (method, path) == ("POST", "/v1/runs?dry_run=true")
    assert json.loads(body)["budget"] == {"max_usd": 0.001}
    text = capsys.readouterr().out
    for words in (
        "10 cases x 1 agent x 1 trial, 10 calls of agents, 0 of judges",
        "1,000 (800 to 1,300)",
        "500 (10 to ?)",
        "$2.00 in, $8.00 out; table",
        "Together: $0.006, $0.0017 at least, nothing bounds it",
        "At least 12.0 s",
        "! The budget of the run does not reach.",
        "- Something was assumed.",
    ):
        assert words in text


def test_a_key_that_is_not_here_is_told_with_an_estimate(
    wish: Wish, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for key, warned in (("", True), ("sk-here", False)):
        monkeypatch.setenv("OPENAI_API_KEY", key)
        with scripted_api({"/v1/runs": [Answer(200, told(PRICE))]}) as api:
            estimate(api.url, wish, as_json=True)
        printed = capsys.readouterr()
        assert ("small needs OPENAI_API_KEY, which is not set here" in printed.err) is warned
        jsonschema.validate(json.loads(printed.out), printed_schema("estimate"))


def test_an_unknown_price_is_said_and_not_summed(wish: Wish, capsys: pytest.CaptureFixture[str]) -> None:
    with scripted_api({"/v1/runs": [Answer(200, told(None))]}) as api:
        estimate(api.url, wish, as_json=False)
    assert "a price is not known, which is not the same as free" in capsys.readouterr().out


def test_a_price_is_set_shown_listed_and_removed(capsys: pytest.CaptureFixture[str]) -> None:
    said = {"model": "a/b", "origin": "https://lab.example.com:443"}
    known = {**said, "price": PRICE.model_dump(mode="json")}
    stored = {**said, "price": {"input": 1.0, "output": 4.0}, "set_at": "2026-11-23T12:00:00Z", "revision": 3}
    answers = {"/v1/prices/a/b": [Answer(200, known), Answer(200, stored), Answer(204)]}
    with scripted_api({**answers, "/v1/prices": [Answer(200, {"items": [stored], "next_cursor": None})]}) as api:
        show_price(api.url, "a/b", None, as_json=False)
        set_price(api.url, "a/b", {"base_url": "https://lab.example.com", "input": 1, "output": 4}, as_json=False)
        list_prices(api.url, limit=10, as_json=False)
        remove_price(api.url, "a/b", "https://lab.example.com")
    captured = capsys.readouterr()
    assert "a/b at https://lab.example.com:443: $2.00 in, $8.00 out per million tokens. small of lab" in captured.err
    assert "costs $1.00 in, $4.00 out per million tokens from now on" in captured.err
    assert "https://lab.example.com:443" in captured.out
    assert [method for method, *_ in api.seen] == ["GET", "PUT", "GET", "DELETE"]
    assert api.seen[-1][1].endswith("?base_url=https%3A%2F%2Flab.example.com")
