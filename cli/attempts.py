"""The calls of a run as people read them: one line each, after what faults cost in all."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from cli.client import run_from
from cli.connection import connect
from cli.figures import money, seconds, thousands
from cli.output import put_json, say, show
from cli.remarks import totals_text
from cli.steering import run_id_of
from core.budgets import Spent
from core.runs import LedgerTotals

COLOURS: Final = {"answered": "green", "failed": "red", "unknown": "yellow", "late": "yellow"}
NOTHING_SPENT: Final = Spent()
SHOWN: Final = 100
"""Characters of what is told of a call; `--json` has all."""


def list_attempts(api: str | None, name: str, wanted: Mapping[str, Any], *, limit: int, as_json: bool) -> None:
    with connect(api) as client:
        run_id = run_id_of(client, name)
        found = list(client.listing(f"/v1/runs/{run_id}/attempts", most=limit, **wanted))
        run = run_from(client.get(f"/v1/runs/{run_id}"))
    if as_json:
        put_json(found)
        return
    if not found:
        say("No call fits.")
        return
    show(attempts_view(found, run.ledger, run.judging))


def attempts_view(
    attempts: Sequence[Mapping[str, Any]], totals: LedgerTotals, judging: Spent = NOTHING_SPENT
) -> RenderableType:
    """`attempts` as the API tells them; what went to judges stands apart."""
    table = Table(box=None, pad_edge=False)
    for column in ("item (agent-case-trial)", "call", "agent", "claimed", "took", "ended", "worker", ""):
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
    return Group(Text(totals_text(totals)), *_judging_text(judging), table)


def _judging_text(judging: Spent) -> Iterator[Text]:
    if judging.calls:
        told = f"{thousands(judging.calls)} calls, {thousands(judging.tokens)} tokens, {money(judging.usd)}"
        yield Text(f"Not listed: judges, {told}.")
