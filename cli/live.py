"""A run while it runs: a live table on a terminal, a line now and then elsewhere."""

import time
from datetime import UTC, datetime
from typing import Final

from rich.console import Console, RenderableType
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from cli.client import Client
from cli.output import talk
from cli.pace import Pace, duration
from core.runs import ENDED, Run, RunAgent

POLL_S: Final = 0.5
LINE_S: Final = 10.0
"""At most this often a line of progress where there is no terminal."""
COLOURS: Final = {
    "queued": "dim",
    "processing": "cyan",
    "paused": "yellow",
    "completed": "green",
    "failed": "red",
    "cancelled": "yellow",
}


def watch(client: Client, run_id: str, *, console: Console | None = None, poll_s: float = POLL_S) -> Run:
    """Shows progress until the run has ended, and gives the run as it ended. Raises CommandError.

    Ctrl-C is left to the caller (KeyboardInterrupt); it does not touch the run.
    """
    console = console or talk()
    pace = Pace()
    run = client.run(run_id)
    pace.note(run)
    if console.is_terminal:
        return _watch_live(client, run, pace, console, poll_s)
    return _watch_lines(client, run, pace, console, poll_s)


def _watch_live(client: Client, run: Run, pace: Pace, console: Console, poll_s: float) -> Run:
    with Live(console=console, auto_refresh=False, transient=False) as live:
        while True:
            live.update(progress_view(run, pace), refresh=True)
            if run.status in ENDED:
                return run
            time.sleep(poll_s)
            run = _next(client, run, pace, live.console)


def _watch_lines(client: Client, run: Run, pace: Pace, console: Console, poll_s: float) -> Run:
    told, told_at = "", 0.0
    while True:
        due = time.monotonic() - told_at >= LINE_S
        if run.status != told or due:
            line = f"{datetime.now(UTC):%H:%M:%S} {progress_line(run, pace)}"
            console.print(line, markup=False, highlight=False, soft_wrap=True)
            told, told_at = run.status, time.monotonic()
        if run.status in ENDED:
            return run
        time.sleep(poll_s)
        run = _next(client, run, pace, console)


def _next(client: Client, run: Run, pace: Pace, console: Console) -> Run:
    def say(sentence: str) -> None:
        console.print(sentence, style="yellow", markup=False, highlight=False, soft_wrap=True)

    run = client.patiently(lambda: client.run(run.run_id), say)
    pace.note(run)
    return run


def progress_line(run: Run, pace: Pace) -> str:
    """The run's progress in one line of plain text."""
    counts = run.counts
    parts = [f"{run.status}, {run.progress:.0%}"]
    if counts.total:
        parts.append(f"{counts.answered} of {counts.total} answered, {counts.evaluated} evaluated")
    if counts.failed:
        parts.append(f"{counts.failed} failed")
    if run.status not in ENDED and pace.per_second:
        parts.append(f"{pace.per_second:.1f} questions/s")
        if pace.left_s is not None:
            parts.append(f"{duration(pace.left_s)} left")
    if run.error:
        parts.append(run.error)
    return "; ".join(parts)


def progress_view(run: Run, pace: Pace) -> RenderableType:
    """The run and each of its agents, with a bar."""
    table = Table.grid(padding=(0, 2))
    for justify in ("left", "left", "right", "right", "right", "left"):
        table.add_column(justify=justify, no_wrap=True)
    for agent in run.agents:
        table.add_row(*_agent_row(agent))
    outer = Table.grid()
    outer.add_row(_headline(run, pace))
    outer.add_row(table)
    return outer


def _headline(run: Run, pace: Pace) -> Text:
    text = Text.assemble((run.name, "bold"), "  ", (run.status, COLOURS[run.status]), f"  {run.progress:.0%}")
    if run.status not in ENDED and pace.per_second:
        text.append(f"  {pace.per_second:.1f} questions/s", style="dim")
        if pace.left_s is not None:
            text.append(f", {duration(pace.left_s)} left", style="dim")
    if run.error:
        text.append(f"\n{run.error}", style="red" if run.status == "failed" else "yellow")
    return text


def _agent_row(agent: RunAgent) -> tuple[RenderableType, ...]:
    counts = agent.counts
    done = 1.0 if agent.status == "completed" else counts.progress
    return (
        Text(agent.agent_id),
        ProgressBar(total=1.0, completed=done, width=30),
        Text(f"{counts.answered}/{counts.total or '?'} answered"),
        Text(f"{counts.evaluated} evaluated", style="dim"),
        Text(f"{counts.failed} failed", style="red" if counts.failed else "dim"),
        Text(agent.error or agent.status, style=COLOURS[agent.status]),
    )
