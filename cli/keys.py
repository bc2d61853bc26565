"""API keys of the service, made and looked at through the API."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from rich.table import Table
from rich.text import Text

from benchmark_client.requests import name as path_part
from cli.client import Client
from cli.connection import connect
from cli.exits import CommandError
from cli.figures import NOT_KNOWN
from cli.listings import moment
from cli.output import put_json, say, show
from cli.schedules import seconds_of
from cli.webhooks import given
from core.api_keys import ApiKey
from core.errors import listed

STATES: Final = {"active": "green", "expired": "yellow", "revoked": "red"}
NEVER: Final = "never"
BY_NAME: Final = 10_000
"""Keys that are looked through for a name."""


def list_keys(api: str | None, *, limit: int, as_json: bool) -> None:
    with connect(api) as client:
        found = list(client.listing("/v1/api-keys", most=limit))
    if as_json:
        put_json(found)
    elif not found:
        say("There is no API key yet; make one with `benchmark keys create NAME --scope benchmark:read`.")
    else:
        show(_table([_read(data) for data in found]))


def create_key(api: str | None, name: str, scopes: Sequence[str], *, expires: str | None, as_json: bool) -> None:
    body = {"name": name, "scopes": list(scopes), "expires_at": _expiry(expires)}
    with connect(api) as client:
        _tell(client.post("/v1/api-keys", given(body)), as_json=as_json)


def show_key(api: str | None, key: str, *, as_json: bool) -> None:
    with connect(api) as client:
        _tell(client.get(_path(client, key)), as_json=as_json)


def update_key(
    api: str | None, key: str, *, name: str | None, scopes: Sequence[str] | None, expires: str | None, as_json: bool
) -> None:
    """Raises CommandError."""
    changes: dict[str, Any] = given({"name": name, "scopes": scopes})
    if expires is not None:
        changes["expires_at"] = _expiry(expires)
    if not changes:
        raise CommandError("Say what is to change; `benchmark keys update --help` lists what can.")
    with connect(api) as client:
        _tell(client.patch(_path(client, key), changes), as_json=as_json)


def rotate_key(api: str | None, key: str, *, keep: str | None, as_json: bool) -> None:
    body = {} if keep is None else {"keep_s": seconds_of(keep)}
    with connect(api) as client:
        _tell(client.post(f"{_path(client, key)}/rotate", body), as_json=as_json)


def revoke_key(api: str | None, key: str, *, as_json: bool) -> None:
    with connect(api) as client:
        data = client.post(f"{_path(client, key)}/revoke")
    if as_json:
        put_json(data)
    else:
        revoked = _read(data)
        say(f"Revoked {revoked.name!r} ({revoked.api_key_id}): within a second nobody is let in by it any more.")


def _expiry(text: str | None) -> str | None:
    """The time that is typed, or so long from now; None for `never`. Raises CommandError."""
    if text is None or text == NEVER:
        return None
    try:
        return datetime.fromisoformat(text).astimezone().isoformat()
    except ValueError:
        return (datetime.now(UTC) + timedelta(seconds=seconds_of(text))).isoformat()


def _path(client: Client, key: str) -> str:
    """Of the key of this id, or of this name that holds. Raises CommandError."""
    if not key.startswith("apikey_"):
        known = [each for each in client.listing("/v1/api-keys", most=BY_NAME) if each["status"] != "revoked"]
        fitting = [str(each["api_key_id"]) for each in known if each["name"] == key]
        if not fitting:
            names = listed([str(each["name"]) for each in known])
            raise CommandError(f"There is no API key {key!r} that holds; there are: {names}.")
        key = fitting[0]
    return f"/v1/api-keys/{path_part(key)}"


def _read(data: Mapping[str, Any]) -> ApiKey:
    return ApiKey.model_validate(data, extra="ignore")


def _tell(data: Any, *, as_json: bool) -> None:
    if as_json:
        put_json(data)
        return
    found = _read(data)
    show(Text.assemble((found.name, "bold"), "  ", (found.status, STATES[found.status]), f"  {found.api_key_id}"))
    show(Text(f"  scopes    {', '.join(found.scopes)}"))
    show(Text(f"  begins    {found.prefix}"))
    show(Text(f"  made      {moment(found.created_at)} by {found.created_by}"))
    show(Text(f"  used      {_when(found.last_used_at)}"))
    show(Text(f"  expires   {_when(found.expires_at)}"))
    if found.revoked_at:
        show(Text(f"  revoked   {moment(found.revoked_at)}", "red"))
    if found.former_until:
        show(Text(f"  rotated   the former secret holds until {moment(found.former_until)}", "yellow"))
    if data.get("key"):
        show(Text(f"  key       {data['key']}"))
        say("The key is shown this once: give it to whoever is to use it, as BENCHMARK_API_KEY for example.")


def _when(at: datetime | None) -> str:
    return NEVER if at is None else moment(at)


def _table(keys: Sequence[ApiKey]) -> Table:
    table = Table(box=None, pad_edge=False)
    for column in ("key", "name", "status", "scopes", "expires", "last used"):
        table.add_column(column, overflow="fold", no_wrap=column == "key")
    for each in keys:
        status = Text(each.status, STATES[each.status])
        used = NOT_KNOWN if each.last_used_at is None else moment(each.last_used_at)
        table.add_row(each.api_key_id, Text(each.name), status, ", ".join(each.scopes), _when(each.expires_at), used)
    return table
