"""`benchmark webhooks`: what is typed is what is sent, and deliveries are told with every attempt."""

from datetime import UTC, datetime
from typing import Any

import pytest

from cli.exits import CommandError, Exit
from cli.main import run
from cli.webhooks import try_webhook
from core.webhooks import NewWebhook, WebhookChange
from tests.cli.scripted_api import Answer, scripted_api

HOOK: dict[str, Any] = {
    "webhook_id": "hook_1",
    "kind": "webhook",
    "url": "https://hooks.example.com",
    "events": ["run.failed"],
    "description": "",
    "status": "disabled",
    "disabled_reason": "The receiver answered 410: it wants nothing more.",
    "after": 41,
    "pending": 0,
    "failing_since": None,
    "created_at": "2026-11-23T20:00:00Z",
    "updated_at": "2026-11-23T20:00:00Z",
    "revision": 7,
}
ATTEMPT: dict[str, Any] = {
    "number": 1,
    "started_at": "2026-11-23T20:00:00Z",
    "seconds": 0.25,
    "http_status": 503,
    "response": "come back",
    "error": "HTTP 503.",
}
DELIVERY: dict[str, Any] = {
    "delivery_id": "msg_1",
    "webhook_id": "hook_1",
    "event": {
        "id": "7",
        "type": "run.failed",
        "source": "/v1/runs/run_1",
        "subject": "run_1",
        "time": "2026-11-23T20:00:00Z",
        "data": {},
    },
    "status": "failed",
    "reason": "HTTP 503.",
    "attempts": [ATTEMPT],
    "next_attempt_at": None,
    "created_at": "2026-11-23T20:00:00Z",
    "ended_at": "2026-11-23T20:00:01Z",
}


def typed(*words: str) -> int:
    """The exit code."""
    with pytest.raises(SystemExit) as ended:
        run(["webhooks", *words])
    return int(ended.value.code or 0)


def test_a_webhook_is_made_of_what_was_typed_and_its_secret_is_shown(capsys: pytest.CaptureFixture[str]) -> None:
    answers = {"/v1/webhooks": [Answer(201, {**HOOK, "secret": "whsec_abc"})]}
    with scripted_api(answers) as api:
        words = ("create", "https://hooks.example.com", "--event", "run.failed", "--after", "0", "--api", api.url)
        assert typed(*words) == Exit.OK
        sent = NewWebhook.model_validate_json(api.seen[-1][3])
    assert sent == NewWebhook.model_validate({"url": "https://hooks.example.com", "events": ["run.failed"], "after": 0})
    shown = capsys.readouterr().out
    assert "whsec_abc" in shown
    assert "it wants nothing more" in shown


def test_a_change_says_only_what_was_typed() -> None:
    with scripted_api({"/v1/webhooks/hook_1": [Answer(200, HOOK)]}) as api:
        assert typed("update", "hook_1", "--enable", "--api", api.url) == Exit.OK
        sent = WebhookChange.model_validate_json(api.seen[-1][3])
        assert typed("update", "hook_1", "--api", api.url) == Exit.USAGE
        assert typed("update", "hook_1", "--event", "all", "--api", api.url) == Exit.OK
        assert WebhookChange.model_validate_json(api.seen[-1][3]).events == ()
    assert sent.model_fields_set == {"enabled"}


def test_the_log_tells_every_attempt(capsys: pytest.CaptureFixture[str]) -> None:
    answers = {"/v1/webhooks/hook_1/deliveries": [Answer(200, {"items": [DELIVERY], "next_cursor": None})]}
    with scripted_api(answers) as api:
        assert typed("deliveries", "hook_1", "--status", "failed", "--api", api.url) == Exit.OK
        assert "status=failed" in api.seen[-1][1]
    shown = capsys.readouterr().out
    began = datetime(2026, 11, 23, 20, tzinfo=UTC).astimezone()
    assert shown.splitlines() == [
        f"msg_1  failed  run.failed of run_1, {began:%Y-%m-%d %H:%M:%S %Z}",
        f"  attempt 1  {began:%Y-%m-%d %H:%M:%S %Z}  HTTP 503 in 0.25 s: come back",
    ]


def test_until_when_a_former_secret_signs_is_shown(capsys: pytest.CaptureFixture[str]) -> None:
    rotated = HOOK | {"former_until": "2026-11-24T20:00:00Z", "secret": "whsec_abc"}
    with scripted_api({"/v1/webhooks/hook_1/rotate": [Answer(200, rotated)]}) as api:
        assert typed("rotate", "hook_1", "--keep", "1d", "--api", api.url) == Exit.OK
    until = datetime(2026, 11, 24, 20, tzinfo=UTC).astimezone()
    shown = " ".join(capsys.readouterr().out.split())
    assert f"the former secret signs as well until {until:%Y-%m-%d %H:%M:%S %Z}" in shown


def test_a_trial_that_is_not_taken_is_a_failure_with_its_reason() -> None:
    with scripted_api({"/v1/webhooks/hook_1/test": [Answer(200, DELIVERY)]}) as api:
        with pytest.raises(CommandError, match=r"not taken: HTTP 503\.") as failed:
            try_webhook(api.url, "hook_1", as_json=False)
        assert failed.value.code is Exit.FAILED
