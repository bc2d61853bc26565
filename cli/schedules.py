"""Schedules, made and looked at through the API."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any, Final

from rich.table import Table
from rich.text import Text

from benchmark_client.requests import name as path_part
from cli.connection import connect
from cli.exits import CommandError
from cli.figures import NOT_KNOWN
from cli.listings import moment
from cli.live import COLOURS
from cli.output import put_json, say, show
from cli.submission import Wish, request_of
from core.schedules import Calendar, Schedule, Tick, Timing

UNITS: Final = {"s": 1, "m": 60, "h": 3600, "d": 86400}
STATES: Final = {"active": "green", "paused": "yellow", "finished": "dim", "gone": "red"}


@dataclass(frozen=True)
class Wanted:
    """What was typed of times and rules; None and nothing leave things as they are."""

    times: tuple[Sequence[str], Sequence[str], Sequence[str]]
    """Cron lines, intervals, calendars."""
    time_zone: str | None
    jitter: str | None
    overlap: str | None
    catch_up: str | None
    remaining_runs: int | None
    pause_on_failure: bool | None
    baseline: str | None
    note: str | None

    @classmethod
    def typed(cls, options: Mapping[str, Any]) -> "Wanted":
        """Of a command that has an option for each."""
        times = options["cron"] or (), options["every"] or (), options["calendar"] or ()
        return cls(times=times, **{each.name: options[each.name] for each in fields(cls) if each.name != "times"})

    def when(self) -> dict[str, Any] | None:
        """Raises CommandError."""
        cron, every, calendars = self.times
        if not (cron or every or calendars):
            if self.time_zone or self.jitter:
                raise CommandError("--time-zone and --jitter go with --cron, --every or --calendar.")
            return None
        when: dict[str, Any] = {
            "cron": list(cron),
            "intervals": [{"every_s": seconds_of(text)} for text in every],
            "calendars": [parts_of(text) for text in calendars],
        }
        told = {"time_zone": self.time_zone, "jitter_s": None if self.jitter is None else seconds_of(self.jitter)}
        return when | {name: value for name, value in told.items() if value is not None}

    def body(self) -> dict[str, Any]:
        told = {
            "when": self.when(),
            "overlap": self.overlap,
            "catch_up_s": None if self.catch_up is None else seconds_of(self.catch_up),
            "remaining_runs": self.remaining_runs,
            "pause_on_failure": self.pause_on_failure,
            "baseline": None if self.baseline is None else baseline_of(self.baseline),
            "note": self.note,
        }
        return {name: value for name, value in told.items() if value is not None}


def seconds_of(text: str) -> int:
    """Raises CommandError.

    >>> seconds_of("6h")
    21600
    """
    found = re.fullmatch(r"([0-9]{1,9})([smhd])", text)
    if not found:
        raise CommandError(f"{text!r} is no length of time; write 30s, 15m, 6h or 1d.")
    return int(found[1]) * UNITS[found[2]]


def parts_of(text: str) -> dict[str, str]:
    """A calendar as typed: `hour=9,day_of_week=1-5`. Raises CommandError."""
    known = [name for name in Calendar.model_fields if name != "comment"]
    # A part may hold commas of its own: `minute=0,30`.
    found = re.findall(r"([a-z_]+)=([^=]+?)(?=,[a-z_]+=|$)", text)
    if not found or any(name not in known for name, _ in found):
        raise CommandError(f"{text!r} names no times; write PART=VALUE,... with the parts {', '.join(known)}.")
    return dict(found)


def baseline_of(text: str) -> dict[str, Any]:
    """`last_good`, `rolling`, `rolling:7`, or a run's id. Raises CommandError."""
    kind, _, count = text.partition(":")
    if kind == "last_good":
        return {"kind": kind}
    if kind == "rolling" and (not count or count.isdigit()):
        return {"kind": kind} | ({"runs": int(count)} if count else {})
    if text.startswith("run_"):
        return {"kind": "run", "run_id": text}
    raise CommandError(f"{text!r} is no baseline; write last_good, rolling, rolling:7 or a run's id.")


def create_schedule(api: str | None, name: str, wish: Wish, wanted: Wanted, *, paused: bool, as_json: bool) -> None:
    body = {"name": name, "run": request_of(wish), **wanted.body(), "paused": paused}
    if "when" not in body:
        raise CommandError("Say when: --cron '0 3 * * *', --every 6h or --calendar hour=9.")
    with connect(api) as client:
        _tell(client.post("/v1/schedules", body), as_json=as_json)


def update_schedule(api: str | None, schedule: str, wanted: Wanted, *, name: str | None, as_json: bool) -> None:
    body = wanted.body() | ({} if name is None else {"name": name})
    if not body:
        raise CommandError("Say what is to change; `benchmark schedules update --help` lists what can.")
    with connect(api) as client:
        _tell(client.patch(_path(schedule), body), as_json=as_json)


def show_schedule(api: str | None, schedule: str, *, as_json: bool) -> None:
    with connect(api) as client:
        _tell(client.get(_path(schedule)), as_json=as_json)


def list_schedules(api: str | None, *, limit: int, as_json: bool) -> None:
    with connect(api) as client:
        found = list(client.listing("/v1/schedules", most=limit))
    if as_json:
        put_json(found)
    elif not found:
        say("There is no schedule yet; make one with `benchmark schedules create NAME FILE --cron '0 3 * * *'`.")
    else:
        show(_table([Schedule.model_validate(data, extra="ignore") for data in found]))


def list_ticks(api: str | None, schedule: str, *, limit: int, as_json: bool) -> None:
    with connect(api) as client:
        found = list(client.listing(f"{_path(schedule)}/runs", most=limit))
        zone = "UTC" if as_json else str(client.get(_path(schedule))["when"]["time_zone"])
    if as_json:
        put_json(found)
    elif not found:
        say("None of its times has come yet.")
    else:
        show(_ticks([Tick.model_validate(data, extra="ignore") for data in found], zone))


def steer(api: str | None, schedule: str, action: str, body: Mapping[str, Any]) -> None:
    with connect(api) as client:
        _tell(client.post(f"{_path(schedule)}/{action}", dict(body)), as_json=False)


def delete_schedule(api: str | None, schedule: str) -> None:
    with connect(api) as client:
        client.delete(_path(schedule))
    say(f"Deleted the schedule {schedule!r}; its runs stay.")


def _path(schedule: str) -> str:
    return f"/v1/schedules/{path_part(schedule)}"


def _tell(data: Any, *, as_json: bool) -> None:
    if as_json:
        put_json(data)
        return
    found = Schedule.model_validate(data, extra="ignore")
    heading = (found.name, "bold"), "  ", (found.state, STATES[found.state]), f"  {found.schedule_id}"
    show(Text.assemble(*heading))
    changed = " (as set in Temporal)" if found.changed_in_temporal else ""
    show(Text(f"  when      {said(found.when)}{changed}"))
    show(Text(f"  overlap   {found.overlap}; times up to {found.catch_up_s:,} s old are made up for"))
    if found.note:
        show(Text(f"  note      {found.note}"))
    if not found.live:
        say("Temporal does not answer: this is what was last recorded.")
    zone = found.when.time_zone
    upcoming = ", ".join(moment(at, zone) for at in found.next_runs[:3]) or NOT_KNOWN
    show(Text(f"  next      {upcoming}"))
    show(Text(f"  so far    {found.started} started, {found.missed} missed, {found.skipped} skipped by overlap"))
    if found.last_runs:
        show(_ticks(found.last_runs, zone))


def said(when: Timing) -> str:
    """Its times in a line.

    >>> said(Timing(cron=("0 3 * * *",), time_zone="Europe/Berlin"))
    'cron 0 3 * * * (Europe/Berlin)'
    """
    parts = [f"cron {line}" for line in when.cron]
    parts += [f"every {each.every_s:,} s" for each in when.intervals]
    parts += [f"calendar {_calendar(each)}" for each in when.calendars]
    jitter = f", up to {when.jitter_s} s later" if when.jitter_s else ""
    return f"{'; '.join(parts)} ({when.time_zone}){jitter}"


def _calendar(calendar: Calendar) -> str:
    usual = Calendar()
    told = {name: getattr(calendar, name) for name in Calendar.model_fields if name != "comment"}
    return ",".join(f"{name}={value}" for name, value in told.items() if value != getattr(usual, name)) or "hour=0"


def _table(schedules: Sequence[Schedule]) -> Table:
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


def _ticks(ticks: Sequence[Tick], zone: str) -> Table:
    table = Table(box=None, pad_edge=False)
    for column in ("time", "run", "status"):
        table.add_column(column, overflow="fold", no_wrap=column == "run")
    for tick in ticks:
        status = tick.run_status
        outcome = Text(tick.refusal or "refused", "red") if status is None else Text(status, COLOURS[status])
        table.add_row(moment(tick.scheduled_at, zone), tick.run_id or NOT_KNOWN, outcome)
    return table
