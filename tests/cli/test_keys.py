"""`benchmark keys`: what is typed is what is sent, a key is shown once, and the doctor says what ours may do."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from benchmark_client.address import Address
from cli.exits import Exit
from cli.key_checks import found_of
from cli.main import run
from cli.service_checks import api_findings
from core.api_keys import ApiKeyChange, NewApiKey, Whoami
from tests.cli.scripted_api import Answer, ScriptedApi, scripted_api

NOW = datetime(2026, 11, 23, tzinfo=UTC)
KEY: dict[str, Any] = {
    "api_key_id": "apikey_1",
    "name": "nightly CI",
    "prefix": "abk_1_",
    "scopes": ["benchmark:read"],
    "status": "active",
    "expires_at": None,
    "revoked_at": None,
    "former_until": None,
    "last_used_at": "2026-11-23T20:00:00Z",
    "created_by": "operator",
    "created_at": "2026-11-23T20:00:00Z",
    "updated_at": "2026-11-23T20:00:00Z",
    "revision": 7,
}
LIST = Answer(200, {"items": [{**KEY, "api_key_id": "apikey_0", "status": "revoked"}, KEY], "next_cursor": None})


def typed(api: ScriptedApi, *words: str) -> int:
    """The exit code."""
    with pytest.raises(SystemExit) as ended:
        run(["keys", *words, "--api", api.url])
    return int(ended.value.code or 0)


def test_a_key_is_made_of_what_was_typed_and_shown_once(capsys: pytest.CaptureFixture[str]) -> None:
    with scripted_api({"/v1/api-keys": [Answer(201, {**KEY, "key": "abk_1_secret"})]}) as api:
        words = ("create", "nightly CI", "--scope", "benchmark:read", "--scope", "results:read", "--expires", "90d")
        assert typed(api, *words) == Exit.OK
        sent = NewApiKey.model_validate_json(api.seen[-1][3])
    assert (sent.name, sent.scopes) == ("nightly CI", ("benchmark:read", "results:read"))
    assert sent.expires_at is not None
    assert timedelta(days=89) < sent.expires_at - datetime.now(UTC) <= timedelta(days=90)
    shown = capsys.readouterr()
    assert "abk_1_secret" in shown.out
    assert "shown this once" in shown.err


def test_a_key_is_meant_by_its_id_or_by_the_name_it_holds(capsys: pytest.CaptureFixture[str]) -> None:
    answers = {"/v1/api-keys": [LIST], "/v1/api-keys/apikey_1": [Answer(200, KEY)]}
    with scripted_api(answers) as api:
        assert typed(api, "show", "nightly CI") == Exit.OK
        assert typed(api, "show", "apikey_1") == Exit.OK
        assert typed(api, "show", "hourly CI") == Exit.USAGE
    shown = capsys.readouterr()
    assert "There is no API key 'hourly CI' that holds; there are: nightly CI." in shown.err
    assert shown.out.count("abk_1_") == 2


def test_a_change_says_only_what_was_typed() -> None:
    with scripted_api({"/v1/api-keys/apikey_1": [Answer(200, KEY)]}) as api:
        assert typed(api, "update", "apikey_1", "--expires", "never") == Exit.OK
        never = ApiKeyChange.model_validate_json(api.seen[-1][3])
        assert typed(api, "update", "apikey_1", "--expires", "2027-06-30", "--scope", "admin:full") == Exit.OK
        later = ApiKeyChange.model_validate_json(api.seen[-1][3])
        assert typed(api, "update", "apikey_1") == Exit.USAGE
        assert typed(api, "update", "apikey_1", "--expires", "soon") == Exit.USAGE
    assert (never.model_fields_set, never.expires_at) == ({"expires_at"}, None)
    assert later.model_fields_set == {"expires_at", "scopes"}
    assert later.expires_at is not None
    assert later.expires_at.year == 2027


def test_a_key_is_rotated_and_revoked(capsys: pytest.CaptureFixture[str]) -> None:
    answers = {
        "/v1/api-keys/apikey_1/rotate": [Answer(200, {**KEY, "key": "abk_1_other"})],
        "/v1/api-keys/apikey_1/revoke": [Answer(200, {**KEY, "status": "revoked"})],
    }
    with scripted_api(answers) as api:
        assert typed(api, "rotate", "apikey_1", "--keep", "1h") == Exit.OK
        assert api.seen[-1][3] == b'{"keep_s":3600}'
        assert typed(api, "revoke", "apikey_1") == Exit.OK
    shown = capsys.readouterr()
    assert "abk_1_other" in shown.out
    assert "Revoked 'nightly CI' (apikey_1)" in shown.err


def caller(**changes: Any) -> Whoami:
    told = {"name": "CI", "through": "api_key", "project_id": "default", "scopes": ["admin:full"]}
    return Whoami.model_validate({**told, "api_key_id": "apikey_1", "expires_at": None, **changes})


@pytest.mark.parametrize(
    ("changes", "state", "remedy"),
    [
        ({"through": "this_machine"}, "well", ""),
        ({"through": "operator_key"}, "well", ""),
        ({}, "well", ""),
        ({"expires_at": NOW + timedelta(days=2)}, "note", "`benchmark keys update apikey_1 --expires 90d`"),
        ({"expires_at": NOW + timedelta(days=20)}, "well", ""),
        ({"scopes": ["benchmark:read", "results:read"]}, "note", "--scope benchmark:read --scope benchmark:write"),
    ],
)
def test_the_doctor_says_what_our_key_may_do_and_how_to_have_it_changed(
    changes: dict[str, Any], state: str, remedy: str
) -> None:
    found = found_of(caller(**changes), NOW)
    assert (found.state, remedy in found.remedy) == (state, True), found


def test_a_key_that_may_not_look_at_runs_is_no_fault_of_the_api() -> None:
    told = {"name": "CI", "through": "api_key", "project_id": "default", "scopes": ["results:read"]}
    answers = {
        "/version": [Answer(body={"version": "0.1.0"})],
        "/health": [Answer(body={})],
        "/ready": [Answer(body={"ready": True})],
        "/v1/whoami": [Answer(body={**told, "api_key_id": "apikey_1", "expires_at": None})],
        "/v1/runs": [Answer(403, {"detail": "This needs the scope benchmark:read; the key 'CI' has results:read."})],
    }
    with scripted_api(answers) as api:
        found, credentials = api_findings(Address(api.url, "told"))
    assert [(each.part, each.state) for each in found] == [("API", "well"), ("API key", "note"), ("clock", "well")]
    assert "benchmark:read is for looking at runs and settings" in found[1].said
    assert credentials == []
