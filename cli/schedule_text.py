"""Schedules and their times in words."""

from collections.abc import Sequence
from typing import Final

from rich.table import Table
from rich.text import Text

from cli.figures import NOT_KNOWN
from cli.listings import moment
from cli.live import COLOURS
from cli.output import say, show
from core.baselines import Baseline, FixedRun, Rolling
from core.run_requests import InlineRun, RunRequest
from core.schedules import Calendar, Schedule, Tick, Timing

STATES: Final = {"active": "green", "paused": "yellow", "finished": "dim", "gone": "red"}


def in_words(baseline: Baseline) -> str:
    """What runs are held against."""
    match baseline:
        case FixedRun(run_id=run_id):
            return run_id
        case Rolling(runs=runs):
            return f"the median of the last {runs} good runs"
        case _:
            return "the last good run"


def tell(found: Schedule) -> None:
    """Everything people want to know of it, on a few lines."""
    heading = (found.name, "bold"), "  ", (found.state, STATES[found.state]), f"  {found.schedule_id}"
    show(Text.assemble(*heading))
    changed = " (as set in Temporal)" if found.changed_in_temporal else ""
    show(Text(f"  when      {said(found.when)}{changed}"))
    show(Text(f"  run       {_run(found.run)}"))
    against = "nothing of its own" if found.baseline is None else in_words(found.baseline)
    show(Text(f"  against   {against}"))
    show(Text(f"  overlap   {found.overlap}; times up to {length(found.catch_up_s)} old are made up for"))
    if found.note:
        show(Text(f"  note      {found.note}"))
    if not found.live:
        say("Temporal does not answer: this is what was last recorded.")
    zone = found.when.time_zone
    upcoming = ", ".join(moment(at, zone) for at in found.next_runs[:3]) or NOT_KNOWN
    show(Text(f"  next      {upcoming}"))
    show(Text(f"  so far    {found.started} started, {found.missed} missed, {found.skipped} skipped by overlap"))
    if found.last_runs:
        show(ticks_of(found.last_runs, zone))


def said(when: Timing) -> str:
    """Its times in a line.

    >>> said(Timing(cron=("0 3 * * *",), time_zone="Europe/Berlin"))
    'cron 0 3 * * * (Europe/Berlin)'
    """
    parts = [f"cron {line}" for line in when.cron]
    parts += [f"every {length(each.every_s)}" for each in when.intervals]
    parts += [f"calendar {_calendar(each)}" for each in when.calendars]
    jitter = f", up to {length(when.jitter_s)} later" if when.jitter_s else ""
    return f"{'; '.join(parts)} ({when.time_zone}){jitter}"


def length(seconds: int) -> str:
    """In the largest unit that it is a whole number of.

    >>> length(21600), length(86400), length(90)
    ('6 h', '1 d', '90 s')
    """
    units = {86400: "d", 3600: "h", 60: "min"}
    unit = next((each for each in units if seconds and seconds % each == 0), 1)
    return f"{seconds // unit:,} {units.get(unit, 's')}"


def _run(run: RunRequest) -> str:
    return f"benchmark {run.name}" if isinstance(run, InlineRun) else f"benchmark {run.benchmark} as it is stored then"


def _calendar(calendar: Calendar) -> str:
    usual = Calendar()
    told = {name: getattr(calendar, name) for name in Calendar.model_fields if name != "comment"}
    return ",".join(f"{name}={value}" for name, value in told.items() if value != getattr(usual, name)) or "hour=0"


def table_of(schedules: Sequence[Schedule]) -> Table:
    table = Table(box=None, pad_edge=False)
    for column in ("name", "state", "when", "next", "last"):
        table.add_column(column, overflow="fold")
    for each in schedules:
        last = each.last_runs[0] if each.last_runs else None
        table.add_row(
            Text(each.name),
            Text(each.state, STATES[each.state]),
            Text(said(each.when)),
            moment(each.next_runs[0], each.when.time_zone) if each.next_runs else NOT_KNOWN,
            NOT_KNOWN
            if last is None
            else Text(f"{moment(last.scheduled_at, each.when.time_zone)} {last.run_status or 'refused'}"),
        )
    return table


def ticks_of(ticks: Sequence[Tick], zone: str) -> Table:
    table = Table(box=None, pad_edge=False)
    for column in ("time", "run", "status"):
        table.add_column(column, overflow="fold", no_wrap=column == "run")
    for tick in ticks:
        status = tick.run_status
        outcome = Text(tick.refusal or "refused", "red") if status is None else Text(status, COLOURS[status])
        table.add_row(moment(tick.scheduled_at, zone), tick.run_id or NOT_KNOWN, outcome)
    return table
