"""Schedules, made and looked at through the API."""

import re
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from pydantic import ValidationError

from benchmark_client.requests import name as path_part
from cli.client import Client
from cli.connection import connect
from cli.dataset_trial import try_cases
from cli.definitions import located, read_file
from cli.exits import CommandError
from cli.output import put_json, say, show
from cli.schedule_text import table_of, tell, ticks_of
from cli.submission import Wish, request_of, with_hint
from core.schedules import BOUNDS, Calendar, Schedule, Tick

HEARD_S: Final = 15.0
LOOK_S: Final = 0.3
UNITS: Final = {"s": 1, "m": 60, "h": 3600, "d": 86400}


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
    for name, value in found:
        _check_part(name, value)
    return dict(found)


def _check_part(name: str, value: str) -> None:
    try:
        Calendar.model_validate({name: value})
    except ValidationError as error:
        low, high = BOUNDS[name]
        raise CommandError(
            f"{name}={value} is no part of a calendar: {name} goes from {low} to {high}, written as 9, 1-5, 0,30, */15 "
            "or 10-50/20."
        ) from error


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
    _check_data(wish)
    with connect(api) as client, with_hint(wish):
        _tell(client.post("/v1/schedules", body), as_json=as_json)


def _check_data(wish: Wish) -> None:
    """Raises CommandError for data of a file that would fail every run; data that is elsewhere is not looked at."""
    path = Path(wish.benchmark)
    if not path.is_file():
        return
    found = read_file(path)
    definition = located(found.definition, path)
    files = definition.dataset.source.settings.get("path", [])
    if all(Path(str(each)).exists() for each in (files if isinstance(files, list) else [files])):
        try_cases(definition, found)


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
        show(table_of([Schedule.model_validate(data, extra="ignore") for data in found]))


def list_ticks(api: str | None, schedule: str, *, limit: int, as_json: bool) -> None:
    with connect(api) as client:
        found = list(client.listing(f"{_path(schedule)}/runs", most=limit))
        zone = "UTC" if as_json else str(client.get(_path(schedule))["when"]["time_zone"])
    if as_json:
        put_json(found)
    elif not found:
        say("None of its times has come yet.")
    else:
        show(ticks_of([Tick.model_validate(data, extra="ignore") for data in found], zone))


def steer(api: str | None, schedule: str, action: str, body: Mapping[str, Any], *, as_json: bool) -> None:
    with connect(api) as client:
        _tell(client.post(f"{_path(schedule)}/{action}", dict(body)), as_json=as_json)


def trigger_schedule(api: str | None, schedule: str, overlap: str | None, *, as_json: bool) -> None:
    """Names the run, if it is accepted within a while."""
    with connect(api) as client:
        before = _newest(client, schedule)
        data = client.post(f"{_path(schedule)}/trigger", {"overlap": overlap})
        tick = None if as_json else _after(client, schedule, before)
    if as_json:
        put_json(data)
    elif tick is None:
        say(f"It waits for its turn, or a worker. `benchmark schedules runs {schedule!r}` tells what comes of it.")
    elif tick.run_id is None:
        say(f"No run was started: {tick.refusal or 'it was refused'}")
    else:
        say(f"Run {tick.run_id} is on its way; follow it with `benchmark runs watch {tick.run_id}`.")


def backfill_schedule(
    api: str | None, schedule: str, start: datetime, end: datetime, overlap: str | None, *, as_json: bool
) -> None:
    period = {"start_at": f"{start.isoformat()}Z", "end_at": f"{end.isoformat()}Z"}
    with connect(api) as client:
        data = client.post(f"{_path(schedule)}/backfill", period | ({} if overlap is None else {"overlap": overlap}))
    if as_json:
        put_json(data)
    else:
        say(f"Its times from then on get their runs; `benchmark schedules runs {schedule!r}` lists them as they come.")


def _newest(client: Client, schedule: str) -> datetime | None:
    newest = next(iter(client.listing(f"{_path(schedule)}/runs", most=1)), None)
    return None if newest is None else Tick.model_validate(newest, extra="ignore").recorded_at


def _after(client: Client, schedule: str, before: datetime | None) -> Tick | None:
    """What was recorded since, once there is something."""
    deadline = time.monotonic() + HEARD_S
    while time.monotonic() < deadline:
        newest = next(iter(client.listing(f"{_path(schedule)}/runs", most=1)), None)
        tick = None if newest is None else Tick.model_validate(newest, extra="ignore")
        if tick is not None and tick.recorded_at != before:
            return tick
        time.sleep(LOOK_S)
    return None


def delete_schedule(api: str | None, schedule: str) -> None:
    with connect(api) as client:
        client.delete(_path(schedule))
    say(f"Deleted the schedule {schedule!r}; its runs stay.")


def _path(schedule: str) -> str:
    return f"/v1/schedules/{path_part(schedule)}"


def _tell(data: Any, *, as_json: bool) -> None:
    if as_json:
        put_json(data)
    else:
        tell(Schedule.model_validate(data, extra="ignore"))
