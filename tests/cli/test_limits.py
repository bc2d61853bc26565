"""`benchmark limits`: what is told of keys and rules, and what is asked of the API."""

import io
import json
from datetime import UTC, datetime
from typing import Any

import pytest
from rich.console import Console

from cli.limits import keys_view, list_limits, list_rules, remove_rule, reset_key, set_limits
from core.limit_views import KeyUse, KeyView, LimitRule
from core.limits import NO_LIMITS, Limits
from tests.cli.scripted_api import Answer, scripted_api

AT = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
KEY = KeyView(
    key_id="key_1",
    origin="https://models.example.com:443",
    credential="lab-key",
    model="small",
    limits=NO_LIMITS,
    told=NO_LIMITS,
    calls_per_second=None,
    waits_until=None,
    breaker="closed",
    failures_in_a_row=0,
    last_failure=None,
    tried_again_at=None,
    exhausted=None,
    answered_at=AT,
    throttled=0,
    seen_at=AT,
)
RULE = LimitRule(rule_id="limit_1", origin=KEY.origin, limits=Limits(in_flight=5), created_at=AT, revision=1)


def rendered(*keys: KeyView) -> str:
    console = Console(width=160, file=io.StringIO())
    console.print(keys_view(keys))
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def test_a_key_that_nothing_limits_says_so() -> None:
    text = rendered(KEY)
    assert "https://models.example.com:443 lab-key small  key_1" in text
    assert "as fast as runs ask; no rule limits it" in text
    assert "breaker" not in text


def test_whatever_stands_in_the_way_of_a_key_is_told() -> None:
    trouble = {
        "limits": Limits(in_flight=4, requests_per_minute=600),
        "calls_per_second": 9.5,
        "waits_until": AT,
        "breaker": "open",
        "failures_in_a_row": 12,
        "last_failure": "The connection was refused.",
        "exhausted": "No credit left.",
        "runs": (KeyUse(run_id="run_a", waiting=7, in_flight=2, workers=3),),
    }
    text = rendered(KEY.model_copy(update=trouble))
    for said in (
        "9.5 calls/s are tried; at most 4 at once, 600 a minute",
        "breaker open after 12 failures: The connection was refused.",
        "exhausted: No credit left.",
        "asked to wait until 12:00:00 (UTC)",
        "run_a: 2 in flight, 7 waiting, on 3 workers",
    ):
        assert said in text


def test_limits_are_set_listed_removed_and_forgotten_through_the_api(capsys: pytest.CaptureFixture[str]) -> None:
    keys: dict[str, Any] = {"items": [KEY.model_dump(mode="json")], "next_cursor": None}
    rule = RULE.model_dump(mode="json")
    answers = {
        "/v1/limits": [Answer(201, rule), Answer(200, keys)],
        "/v1/limits/rules": [Answer(200, {"items": [rule]})],
        "/v1/limits/rules/limit_1": [Answer(204, b"")],
        "/v1/limits/key_1/reset": [Answer(204, b"")],
    }
    with scripted_api(answers) as api:
        set_limits(api.url, {"origin": KEY.origin, "model": None, "in_flight": 5}, as_json=False)
        list_limits(api.url, limit=5, as_json=True)
        list_rules(api.url, as_json=True)
        remove_rule(api.url, "limit_1")
        reset_key(api.url, "key_1")
    said = capsys.readouterr()
    assert [(method, path.partition("?")[0]) for method, path, _, _ in api.seen] == [
        ("POST", "/v1/limits"),
        ("GET", "/v1/limits"),
        ("GET", "/v1/limits/rules"),
        ("DELETE", "/v1/limits/rules/limit_1"),
        ("POST", "/v1/limits/key_1/reset"),
    ]
    assert json.loads(api.seen[0][3]) == {"origin": KEY.origin, "in_flight": 5}
    assert "Calls to https://models.example.com:443: at most 5 at once (limit_1)." in said.err
    assert '"key_1"' in said.out


def test_a_rule_is_seen_before_any_call_went_by_a_key_it_limits(capsys: pytest.CaptureFixture[str]) -> None:
    rules = {"items": [RULE.model_dump(mode="json")]}
    nothing: dict[str, Any] = {"items": [], "next_cursor": None}
    with scripted_api({"/v1/limits": [Answer(200, nothing)], "/v1/limits/rules": [Answer(200, rules)]}) as api:
        list_limits(api.url, limit=5, as_json=False)
    captured = capsys.readouterr()
    assert "No call went by a provider key yet." in captured.err
    assert "limit_1" in captured.out
    assert "at most 5 at once" in captured.out
