"""Runs, a line each; two where the terminal is narrow."""

from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from cli.client import run_from
from cli.connection import connect
from cli.figures import accuracy
from cli.live import COLOURS
from cli.output import WIDE, page, put_json, say, show
from core.runs import Run


def list_runs(api: str | None, *, status: str | None, limit: int, as_json: bool) -> None:
    with connect(api) as client:
        found = list(client.listing("/v1/runs", most=limit, status=status))
    if as_json:
        put_json(found)
        return
    if not found:
        say("There is no such run." if status else "There is no run yet; start one with `benchmark run FILE`.")
        return
    show(runs_view([run_from(data) for data in found], width=page().width))


def runs_view(runs: Sequence[Run], *, width: int) -> RenderableType:
    """A table, or two lines for each run where a table would break every word."""
    if width < WIDE:
        return Group(*(_lines(run) for run in runs))
    table = Table(box=None, pad_edge=False)
    for column in ("run", "name", "status", "progress", "created", "agents: accuracy"):
        table.add_column(column, overflow="fold", no_wrap=column == "run")
    for run in runs:
        table.add_row(run.run_id, Text(run.name), _status(run), _progress(run), moment(run.created_at), _agents(run))
    return table


def _lines(run: Run) -> Text:
    first = Text.assemble(run.run_id, "  ", _status(run), f"  {_progress(run)}  {moment(run.created_at)}")
    return Text.assemble(first, "\n  ", (run.name, "bold"), ": ", _agents(run))


def _status(run: Run) -> Text:
    return Text(run.status, style=COLOURS[run.status])


def _progress(run: Run) -> str:
    return f"{run.progress:.0%}"


def _agents(run: Run) -> Text:
    parts = (
        f"{agent.agent_id} {accuracy(agent.metrics.accuracy, agent.metrics.score) if agent.metrics else ''}".rstrip()
        for agent in run.agents
    )
    return Text(", ".join(parts))


def moment(at: datetime, zone: str | None = None) -> str:
    """In this time zone, named; without one in the reader's own."""
    if zone is None:
        return f"{at.astimezone():%Y-%m-%d %H:%M}"
    return f"{at.astimezone(ZoneInfo(zone)):%Y-%m-%d %H:%M %Z}"
