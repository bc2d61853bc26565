"""What there is to choose from: benchmarks, and the kinds that plugins bring."""

from typing import Any

from rich.table import Table
from rich.text import Text

from adapters.definitions.ready_made import ready_made, ready_made_definition
from cli.connection import connect
from cli.exits import CommandError
from cli.output import put_json, say, show
from core.plugins import Group, installed


def list_benchmarks(api: str | None, *, limit: int, as_json: bool) -> None:
    """The ready-made ones are known without an API; the stored ones only with."""
    shipped = [(name, ready_made_definition(name, "FOLDER")) for name in ready_made()]
    stored = _stored(api, limit)
    if as_json:
        ready = [{"name": name, "description": each.description} for name, each in shipped]
        put_json({"ready_made": ready, "stored": stored})
        return
    table = Table(box=None, pad_edge=False)
    for column in ("name", "from", "description"):
        table.add_column(column, overflow="fold")
    for name, definition in shipped:
        table.add_row(Text(name), "ready-made, --folder DIR", Text(definition.description))
    for each in stored or []:
        said = Text(str(each["definition"].get("description") or ""))
        table.add_row(Text(each["name"]), f"stored, version {each['version']}", said)
    show(table)


def _stored(api: str | None, limit: int) -> list[Any] | None:
    try:
        with connect(api) as client:
            return list(client.listing("/v1/benchmarks", most=limit))
    except CommandError as error:
        say(f"Stored benchmarks cannot be listed: {error}")
        return None


def list_kinds(group: Group, *, as_json: bool) -> None:
    """The installed kinds of a group, with the settings each takes."""
    plugins = sorted(installed(group).items())
    if as_json:
        put_json(
            [
                {"kind": kind, "summary": each.summary, "version": each.version, "settings": _schema(each.settings)}
                for kind, each in plugins
            ]
        )
        return
    table = Table(box=None, pad_edge=False)
    for column in ("kind", "what it does", "settings"):
        table.add_column(column, overflow="fold")
    for kind, each in plugins:
        table.add_row(Text(kind), Text(each.summary), Text(", ".join(each.settings.model_fields)))
    show(table)


def _schema(settings: Any) -> dict[str, Any]:
    return settings.model_json_schema()
