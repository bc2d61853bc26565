"""The calls of a run as people read them: one line each, after what faults cost in all."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from cli.client import run_from
from cli.connection import connect
from cli.figures import seconds
from cli.output import put_json, say, show
from cli.remarks import totals_text
from cli.steering import run_id_of
from core.runs import LedgerTotals

COLOURS: Final = {"answered": "green", "failed": "red", "unknown": "yellow", "late": "yellow"}
SHOWN: Final = 100
"""Characters of what is told of a call; `--json` has all."""


def list_attempts(api: str | None, name: str, wanted: Mapping[str, Any], *, limit: int, as_json: bool) -> None:
    with connect(api) as client:
        run_id = run_id_of(client, name)
        found = list(client.listing(f"/v1/runs/{run_id}/attempts", most=limit, **wanted))
        totals = run_from(client.get(f"/v1/runs/{run_id}")).ledger
    if as_json:
        put_json(found)
        return
    if not found:
        say("No call fits.")
        return
    show(attempts_view(found, totals))


def attempts_view(attempts: Sequence[Mapping[str, Any]], totals: LedgerTotals) -> RenderableType:
    """`attempts` as the API tells them."""
    table = Table(box=None, pad_edge=False)
    for column in ("item", "call", "agent", "claimed", "took", "ended", "worker", ""):
        table.add_column(column, overflow="fold")
    for attempt in attempts:
        claimed = datetime.fromisoformat(attempt["claimed_at"])
        ended = attempt["finished_at"] and datetime.fromisoformat(attempt["finished_at"])
        table.add_row(
            attempt["item_id"],
            str(attempt["number"]),
            Text(attempt["agent_id"]),
            f"{claimed.astimezone():%H:%M:%S}",
            seconds((ended - claimed).total_seconds()) if ended else "",
            Text(attempt["status"], style=COLOURS.get(attempt["status"], "")),
            Text(attempt["owner"]),
            Text(" ".join((attempt["detail"] or "").split())[:SHOWN]),
        )
    return Group(Text(totals_text(totals)), table)
