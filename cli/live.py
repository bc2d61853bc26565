"""A run while it runs: a live table on a terminal, a line now and then elsewhere."""

import time
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Final

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from cli.client import Client
from cli.exits import CommandError, Exit
from cli.figures import counted, money, thousands
from cli.output import PLAIN_WIDTH, WIDE, talk
from cli.pace import Pace
from cli.waiting import QUIET_S, Watchman
from core.budgets import Spent
from core.runs import ENDED, Run, RunAgent

POLL_S: Final = 0.5
MOVING: Final = ("queued", "processing")
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


def watch(
    client: Client, run_id: str, *, console: Console | None = None, poll_s: float = POLL_S, quiet_s: float = QUIET_S
) -> Run:
    """Shows progress until the run has ended, and gives the run as it ended. Raises CommandError.

    A run that stands still for `quiet_s` seconds is shown with what it waits for.

    Ctrl-C is left to the caller (KeyboardInterrupt); it does not touch the run.
    """
    console = console or talk()
    watched = _Watched(client, run_id, console, poll_s, Watchman(client, quiet_s=quiet_s))
    return _watch_live(watched) if console.is_terminal else _watch_lines(watched)


class _Watched:
    """The run, looked at again and again."""

    def __init__(self, client: Client, run_id: str, console: Console, poll_s: float, watchman: Watchman) -> None:
        self.console = console
        self.pace = Pace()
        self.watchman = watchman
        self._client = client
        self._poll_s = poll_s
        self.run = self._noted(client.run(run_id))

    @property
    def ended(self) -> bool:
        return self.run.status in ENDED

    def look(self) -> None:
        """Waits a moment and looks again. Raises CommandError."""
        time.sleep(self._poll_s)
        try:
            self.run = self._noted(self._client.patient(self._say).run(self.run.run_id))
        except CommandError as error:
            if error.code is not Exit.SERVER:
                raise
            lives_on = f"The run lives on without us. Follow it again with: benchmark runs watch {self.run.run_id}"
            raise CommandError(f"{error}\n{lives_on}", Exit.SERVER) from error

    def _noted(self, run: Run) -> Run:
        self.pace.note(run)
        self.watchman.note(run)
        return run

    def _say(self, sentence: str) -> None:
        self.console.print(sentence, style="yellow", markup=False, highlight=False, soft_wrap=True)


def _watch_live(watched: _Watched) -> Run:
    console = watched.console
    with Live(console=console, auto_refresh=False, transient=False, vertical_overflow="visible") as live:
        while True:
            watchman = watched.watchman
            view = progress_view(watched.run, watched.pace, watchman.reasons, spent=watchman.spent, width=console.width)
            live.update(view, refresh=True)
            if watched.ended:
                return watched.run
            watched.look()


def _watch_lines(watched: _Watched) -> Run:
    told, told_at, waits = "", 0.0, False
    while True:
        run, reasons = watched.run, watched.watchman.reasons
        due = time.monotonic() - told_at >= LINE_S
        if run.status != told or due or (reasons and not waits):
            progress = progress_line(run, watched.pace, watched.watchman.spent)
            line = f"{datetime.now(UTC):%H:%M:%S} {'. '.join([progress, ' '.join(reasons)]) if reasons else progress}"
            watched.console.print(line, markup=False, highlight=False, soft_wrap=True)
            told, told_at, waits = run.status, time.monotonic(), bool(reasons)
        if watched.ended:
            return run
        watched.look()


def progress_line(run: Run, pace: Pace, spent: Spent | None = None) -> str:
    """The run's progress in one line of plain text."""
    counts = run.counts
    parts = [f"{run.status}, {run.progress:.0%}"]
    if counts.total:
        parts.append(f"{counts.answered} of {counts.total} answered, {counts.evaluated} evaluated")
    if counts.failed:
        parts.append(f"{counts.failed} failed")
    if run.status in MOVING and pace.said:
        parts.append(pace.said)
    if cost := cost_text(spent):
        parts.append(cost)
    if run.error:
        parts.append(run.error)
    return "; ".join(parts)


def cost_text(spent: Spent | None) -> str:
    """What was spent so far; empty of nothing. What has no known price is said, and is not free."""
    if spent is None or not spent.calls:
        return ""
    priced = [f"{money(spent.usd)} spent"] if spent.usd else []
    unknown = [f"{counted(spent.unpriced, 'answer')} of unknown price"] if spent.unpriced else []
    return ", ".join([*priced, *unknown, f"{thousands(spent.tokens)} tokens"])


def progress_view(
    run: Run, pace: Pace, reasons: Sequence[str] = (), *, spent: Spent | None = None, width: int = PLAIN_WIDTH
) -> RenderableType:
    """The run and each of its agents, with a bar; below it what went wrong, and what it waits for."""
    wide = width >= WIDE
    table = Table.grid(padding=(0, 2 if wide else 1))
    table.add_column(overflow="fold")
    for justify in ("left", "right", "right", "right", "left"):
        table.add_column(justify=justify, no_wrap=True)
    for agent in run.agents:
        table.add_row(*_agent_row(agent, wide=wide))
    # What stopped the only agent is what stopped the run, and stands in the headline.
    unsaid = [agent for agent in run.agents if agent.error and agent.error not in (run.error or "")]
    said = [Text(f"{agent.agent_id}: {agent.error}", style="red") for agent in unsaid]
    return Group(_headline(run, pace, spent), table, *said, *(Text(reason, style="yellow") for reason in reasons))


def _headline(run: Run, pace: Pace, spent: Spent | None) -> Text:
    text = Text.assemble((run.name, "bold"), "  ", (run.status, COLOURS[run.status]), f"  {run.progress:.0%}")
    if run.status in MOVING and pace.said:
        text.append(f"  {pace.said}", style="dim")
    if cost := cost_text(spent):
        text.append(f"  {cost}", style="dim")
    if run.error:
        text.append(f"\n{run.error}", style="red" if run.status == "failed" else "yellow")
    return text


def _agent_row(agent: RunAgent, *, wide: bool) -> tuple[RenderableType, ...]:
    counts = agent.counts
    done = 1.0 if agent.status == "completed" else counts.progress
    words = ("answered", "evaluated", "failed") if wide else ("", "judged", "failed")
    return (
        Text(agent.agent_id),
        ProgressBar(total=1.0, completed=done, width=30 if wide else 8),
        Text(f"{counts.answered}/{counts.total or '?'} {words[0]}".rstrip()),
        Text(f"{counts.evaluated} {words[1]}", style="dim"),
        Text(f"{counts.failed} {words[2]}", style="red" if counts.failed else "dim"),
        Text(agent.status, style=COLOURS[agent.status]),
    )
