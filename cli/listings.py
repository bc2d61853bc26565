"""Runs and single answers, a line each."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from rich.table import Table
from rich.text import Text

from cli.client import run_from
from cli.connection import connect
from cli.figures import NOT_KNOWN, accuracy, money, seconds
from cli.live import COLOURS
from cli.output import put_json, say, show
from cli.steering import run_id_of
from core.runs import Run

SHOWN: Final = 160
"""Characters of an answer; `--json` has it whole."""


def list_runs(api: str | None, *, status: str | None, limit: int, as_json: bool) -> None:
    with connect(api) as client:
        found = list(client.listing("/v1/runs", most=limit, status=status))
    if as_json:
        put_json(found)
        return
    if not found:
        say("There is no such run." if status else "There is no run yet; start one with `benchmark run FILE`.")
        return
    table = Table(box=None, pad_edge=False)
    for column in ("run", "name", "status", "progress", "created", "agents: accuracy"):
        table.add_column(column, overflow="fold", no_wrap=column == "run")
    for data in found:
        table.add_row(*_run_row(run_from(data)))
    show(table)


def _run_row(run: Run) -> tuple[str | Text, ...]:
    agents = ", ".join(
        f"{agent.agent_id} {accuracy(agent.metrics.accuracy, agent.metrics.score) if agent.metrics else ''}".rstrip()
        for agent in run.agents
    )
    status = Text(run.status, style=COLOURS[run.status])
    return run.run_id, Text(run.name), status, f"{run.progress:.0%}", moment(run.created_at), Text(agents)


def list_items(api: str | None, name: str, wanted: Mapping[str, Any], *, limit: int, as_json: bool) -> None:
    with connect(api) as client:
        path = f"/v1/runs/{run_id_of(client, name)}/items"
        query = {key: str(value).lower() if isinstance(value, bool) else value for key, value in wanted.items()}
        found = list(client.listing(path, most=limit, **query))
    if as_json:
        put_json(found)
        return
    if not found:
        say("No answer fits.")
        return
    table = Table(box=None, pad_edge=False)
    for column in ("agent", "case", "category", "score", "latency", "cost", "answer"):
        table.add_column(column, overflow="fold")
    for item in found:
        table.add_row(*_item_row(item))
    show(table)


def _item_row(item: Mapping[str, Any]) -> tuple[str | Text, ...]:
    # What an agent said may look like markup; Text takes it as it is.
    latency = item.get("latency_s")
    return (
        Text(item["agent_id"]),
        Text(item["case_id"]),
        Text(item.get("category") or ""),
        _score(item),
        NOT_KNOWN if latency is None else seconds(latency),
        money(item.get("cost_usd")),
        _said(item),
    )


def _score(item: Mapping[str, Any]) -> str:
    if item["status"] == "failed":
        return str(item.get("cause") or "failed")
    scores: list[Mapping[str, Any]] = item.get("scores") or []
    if not scores:
        return NOT_KNOWN
    value = scores[0].get("value")
    return "unscored" if value is None else f"{value:g}"


def _said(item: Mapping[str, Any]) -> Text:
    if item["status"] == "failed":
        return Text(str(item.get("detail") or "")[:SHOWN], style="red")
    text = " ".join(str(item.get("text") or "").split())
    return Text(text if len(text) <= SHOWN else text[: SHOWN - 1] + "…")


def moment(at: datetime) -> str:
    """In the reader's own time zone."""
    return f"{at.astimezone():%Y-%m-%d %H:%M}"
