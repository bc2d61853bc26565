"""Answers of the API about schedules, written by `python -m tests.benchmark_client.generation`."""

from datetime import datetime
from typing import Literal

from pydantic import Field

from benchmark_client.models.answer import Answer, Other
from benchmark_client.models.definitions import InlineRun, NamedRun
from benchmark_client.models.results import FieldDifference


class AgentCheck(Answer):
    """One agent of the run against its counterpart."""

    agent_id: str
    baseline_agent_id: str
    comparison_id: str
    finding: Literal["improved", "worse", "cannot_tell"] | str
    sentence: str
    cases: int
    effect: float | None = None
    low: float | None = None
    high: float | None = None
    p: float
    error: float


class FixedRun(Answer):
    """Always the same run. By chance it may be a good or a bad one, and all later runs are held against that."""

    error: float = 0.05
    looks: int = 1
    kind: Literal["run"] = "run"
    run_id: str


class LastGood(Answer):
    """The last completed run before it in which no regression was found. A slow decline passes unseen."""

    error: float = 0.05
    looks: int = 1
    kind: Literal["last_good"] = "last_good"


class Rolling(Answer):
    """Of the last completed runs before it in which no regression was found, the one with the median score (of an even
    number the lower one).
    """

    error: float = 0.05
    looks: int = 1
    kind: Literal["rolling"] = "rolling"
    runs: int = 5


class BaselineCheck(Answer):
    """A completed run held against its baseline, as it was found."""

    run_id: str
    run_name: str
    project_id: str = "default"
    watch: str
    baseline: FixedRun | LastGood | Rolling | Other = Field(union_mode="left_to_right")
    baseline_run_id: str | None = None
    outcome: Literal["regression", "no_regression", "first", "not_comparable"] | str
    sentence: str
    agents: tuple[AgentCheck, ...] = ()
    differences: tuple[FieldDifference, ...] = ()
    completed_at: datetime
    checked_at: datetime


class BenchmarkBaseline(Answer):
    """Of all runs of a benchmark that no schedule with a baseline of its own has started."""

    benchmark: str
    baseline: FixedRun | LastGood | Rolling | Other = Field(union_mode="left_to_right")
    since: datetime
    revision: int


class Calendar(Answer):
    """Times whose every part is named: `9`, `1-5`, `0,30`, `*/15`, `10-50/20`, `*`. Sunday is day 0 of a week."""

    second: str = "0"
    minute: str = "0"
    hour: str = "0"
    day_of_month: str = "*"
    month: str = "*"
    day_of_week: str = "*"
    year: str = "*"
    comment: str = ""


class Tick(Answer):
    """One time of a schedule, and what came of it."""

    scheduled_at: datetime
    run_id: str | None = None
    refusal: str | None = None
    recorded_at: datetime
    run_status: Literal["queued", "processing", "paused", "completed", "failed", "cancelled"] | str | None = None


class Skipped(Answer):
    """Times that do not occur: of what is not named, all. `{"day_of_month": "24", "month": "12"}` is that whole day."""

    second: str = "*"
    minute: str = "*"
    hour: str = "*"
    day_of_month: str = "*"
    month: str = "*"
    day_of_week: str = "*"
    year: str = "*"
    comment: str = ""


class SchedulesInterval(Answer):
    """Every so many seconds, counted from 1970-01-01T00:00Z, so that restarts move nothing."""

    every_s: int
    offset_s: int = 0


class Timing(Answer):
    """When: the times of `cron`, `intervals` and `calendars` together, without those of `skip`.

    Local times that a change of the clocks leaves out do not occur that day. Those that it repeats occur once in
    zones
    east of Greenwich, and twice in those west of it: so Temporal reads calendars. UTC and intervals know no such
    days.
    """

    cron: tuple[str, ...] = ()
    intervals: tuple[SchedulesInterval, ...] = ()
    calendars: tuple[Calendar, ...] = ()
    skip: tuple[Skipped, ...] = ()
    time_zone: str = "UTC"
    start_at: datetime | None = None
    end_at: datetime | None = None
    jitter_s: int = 0


class Schedule(Answer):
    """A schedule as people see it: times and rules as Temporal has them."""

    overlap: Literal["skip", "buffer_one", "buffer_all", "cancel_other", "terminate_other", "allow_all"] | str = "skip"
    catch_up_s: int = 86400
    pause_on_failure: bool = False
    remaining_runs: int | None = None
    paused: bool = False
    note: str = ""
    schedule_id: str
    project_id: str = "default"
    name: str
    principal: str
    run: InlineRun | NamedRun | Other = Field(union_mode="left_to_right")
    when: Timing
    baseline: FixedRun | LastGood | Rolling | Other | None = Field(default=None, union_mode="left_to_right")
    state: Literal["active", "paused", "finished", "gone"] | str
    live: bool
    changed_in_temporal: bool
    time_zone: str
    next_runs: tuple[datetime, ...]
    last_runs: tuple[Tick, ...]
    at_work: int
    started: int
    missed: int
    skipped: int
    created_at: datetime
    updated_at: datetime
    revision: int
