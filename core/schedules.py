"""Runs that start by themselves: when, what happens to those that overlap or were missed, and what came of each."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, Final, Literal

from pydantic import AwareDatetime, Field, StringConstraints, model_validator

from core.baselines import Baseline
from core.ids import DEFAULT_PROJECT, RunId
from core.model import Model, Name
from core.patterns import CALENDAR_PART
from core.run_requests import RunRequest
from core.runs import RunStatus

Overlap = Literal["skip", "buffer_one", "buffer_all", "cancel_other", "terminate_other", "allow_all"]
"""What happens at a time at which the run before still goes on: nothing; one run waits for its end, or all do; the run
before is cancelled first, or at once; both go on."""
ScheduleState = Literal["active", "paused", "finished", "gone"]
"""finished: no time is left; gone: somebody deleted it in Temporal."""
Part = Annotated[str, StringConstraints(pattern=CALENDAR_PART)]
BOUNDS: Final[Mapping[str, tuple[int, int]]] = {
    "second": (0, 59),
    "minute": (0, 59),
    "hour": (0, 23),
    "day_of_month": (1, 31),
    "month": (1, 12),
    "day_of_week": (0, 6),
    "year": (2000, 2100),
}


class Interval(Model):
    """Every so many seconds, counted from 1970-01-01T00:00Z, so that restarts move nothing."""

    every_s: int = Field(ge=1, le=366 * 86400)
    offset_s: int = Field(default=0, ge=0)
    """Added to each of these times; less than `every_s`."""

    @model_validator(mode="after")
    def _within(self) -> "Interval":
        if self.offset_s >= self.every_s:
            raise ValueError("`offset_s` must be less than `every_s`")
        return self


class Calendar(Model):
    """Times whose every part is named: `9`, `1-5`, `0,30`, `*/15`, `10-50/20`, `*`. Sunday is day 0 of a week."""

    second: Part = "0"
    minute: Part = "0"
    hour: Part = "0"
    day_of_month: Part = "*"
    month: Part = "*"
    day_of_week: Part = "*"
    year: Part = "*"
    comment: str = Field(default="", max_length=200)

    @model_validator(mode="after")
    def _within(self) -> "Calendar":
        for name, (least, most) in BOUNDS.items():
            for first, last, _ in ranges(getattr(self, name), least, most):
                if not least <= first <= last <= most:
                    raise ValueError(f"`{name}` goes from {least} to {most}, each range upwards")
        return self


class Skipped(Calendar):
    """Times that do not occur: of what is not named, all. `{"day_of_month": "24", "month": "12"}` is that whole day."""

    second: Part = "*"
    minute: Part = "*"
    hour: Part = "*"


def ranges(part: str, least: int, most: int) -> list[tuple[int, int, int]]:
    """First, last and step of every range in a part of a calendar.

    >>> ranges("1-5/2,*/15", 0, 59)
    [(1, 5, 2), (0, 59, 15)]
    """
    found: list[tuple[int, int, int]] = []
    for text in part.split(","):
        span, _, step = text.partition("/")
        first, _, last = span.partition("-")
        if span == "*":
            found.append((least, most, int(step or 1)))
        else:
            found.append((int(first), int(last or (most if step else first)), int(step or 1)))
    return found


class Timing(Model):
    """When: the times of `cron`, `intervals` and `calendars` together, without those of `skip`.

    Local times that a change of the clocks leaves out do not occur that day. Those that it repeats occur once in zones
    east of Greenwich, and twice in those west of it: so Temporal reads calendars. UTC and intervals know no such days.
    """

    cron: tuple[Annotated[str, StringConstraints(max_length=200)], ...] = Field(default=(), max_length=20)
    """`minute hour day-of-month month day-of-week`, such as `0 3 * * 1-5`, or `@daily`."""
    intervals: tuple[Interval, ...] = Field(default=(), max_length=20)
    calendars: tuple[Calendar, ...] = Field(default=(), max_length=20)
    skip: tuple[Skipped, ...] = Field(default=(), max_length=20)
    time_zone: str = Field(default="UTC", max_length=64, examples=["Europe/Berlin"])
    """In which cron lines and calendars are read; a name of the IANA database."""
    start_at: AwareDatetime | None = None
    end_at: AwareDatetime | None = None
    jitter_s: int = Field(default=0, ge=0, le=86400)
    """Each time comes up to so many seconds later, by chance, so that not all schedules begin at once."""

    @model_validator(mode="after")
    def _sometimes(self) -> "Timing":
        if not (self.cron or self.intervals or self.calendars):
            raise ValueError("give at least one of `cron`, `intervals` and `calendars`")
        if any("TZ=" in line for line in self.cron):
            raise ValueError("say the zone in `time_zone`, not in a cron line")
        return self


class Rules(Model):
    """What holds for a schedule besides its times."""

    overlap: Overlap = "skip"
    catch_up_s: int = Field(default=86400, ge=10, le=366 * 86400)
    """Times that passed while Temporal was away are made up for if they are not older than this; older ones are
    missed, and told."""
    pause_on_failure: bool = False
    """Pause as soon as a run of it fails or cannot be accepted."""
    remaining_runs: int | None = Field(default=None, ge=1, le=1_000_000)
    """So many more runs, then it is finished; None: no end."""
    paused: bool = False
    note: str = Field(default="", max_length=1000)
    """For people; pausing and resuming may replace it."""


class NewSchedule(Rules):
    """What is posted to have runs start by themselves."""

    name: Name
    run: RunRequest
    """As for a run that starts at once. Names without a version mean the newest one each time."""
    when: Timing
    baseline: Baseline | None = None
    """With what each finished run is compared; default: the benchmark's own, if it has one."""

    @property
    def rules(self) -> Rules:
        return Rules.model_validate(self.model_dump(include=set(Rules.model_fields)))


class ScheduleChange(Model):
    """What is to be otherwise; absent fields stay as they are."""

    name: Name | None = None
    run: RunRequest | None = None
    when: Timing | None = None
    overlap: Overlap | None = None
    catch_up_s: int | None = Field(default=None, ge=10, le=366 * 86400)
    pause_on_failure: bool | None = None
    remaining_runs: int | None = Field(default=None, ge=1, le=1_000_000)
    """`null` lifts the limit."""
    note: str | None = Field(default=None, max_length=1000)
    baseline: Baseline | None = None
    """`null` leaves it to the benchmark's own."""


class Stored(Model):
    """A schedule as the record has it: what was asked for, and what was seen of it."""

    schedule_id: str
    project_id: str = DEFAULT_PROJECT
    name: Name
    principal: str
    """Who made it; its runs are started in this name."""
    run: RunRequest
    when: Timing
    rules: Rules
    """As last asked for through this API; what Temporal says wins."""
    baseline: Baseline | None
    echo: dict[str, Any] | None = None
    """The timing as Temporal gave it back; None until Temporal knows the schedule."""
    gone: bool = False
    created_at: datetime
    updated_at: datetime
    revision: int = 0
    """0 before it is recorded."""


class Tick(Model):
    """One time of a schedule, and what came of it."""

    scheduled_at: datetime
    run_id: RunId | None
    """None where no run was accepted."""
    refusal: str | None
    """Why not, in a sentence."""
    recorded_at: datetime
    run_status: RunStatus | None = None


class Begun(Model):
    """A time that Temporal acted on."""

    scheduled_at: datetime
    started_at: datetime


class Described(Model):
    """A schedule as Temporal has it."""

    when: Timing
    echo: dict[str, Any]
    rules: Rules
    finished: bool
    changed_at: datetime | None
    begun: tuple[Begun, ...]
    """The last ten, oldest first."""
    at_work: int
    """Runs that go on."""
    next_at: tuple[datetime, ...]
    """The next ten."""
    started: int
    missed: int
    """Times that were older than the catch-up window when Temporal came back."""
    skipped: int
    """Times at which nothing started because the run before still went on."""


class Schedule(Rules):
    """A schedule as people see it: times and rules as Temporal has them."""

    schedule_id: str
    project_id: str = DEFAULT_PROJECT
    name: Name
    principal: str
    run: RunRequest
    when: Timing
    baseline: Baseline | None
    state: ScheduleState
    live: bool
    """False when Temporal did not answer: then times and rules are those last recorded."""
    changed_in_temporal: bool
    """Whether somebody set other times there than through this API."""
    time_zone: str
    """In which its times are meant; those below are told in UTC."""
    next_runs: tuple[datetime, ...]
    last_runs: tuple[Tick, ...]
    """The newest first."""
    at_work: int
    """Runs that go on, as Temporal counts them: with `allow_all` it does not."""
    started: int
    """Runs, over its life."""
    missed: int
    skipped: int
    """Times at which nothing started because the run before still went on."""
    created_at: datetime
    updated_at: datetime
    revision: int
    """Another one with every change asked for here; a change may name the one it knows (`If-Match`)."""


class Note(Model):
    note: str = Field(default="", max_length=1000)
    """Why, for people."""


class Trigger(Model):
    overlap: Overlap | None = None
    """Default: the schedule's."""


class Backfill(Model):
    """Times that have passed, as if they passed now. A time that has a run gets no second one."""

    start_at: AwareDatetime
    end_at: AwareDatetime
    overlap: Overlap = "buffer_all"
    """By default one after the other."""

    @model_validator(mode="after")
    def _forwards(self) -> "Backfill":
        if self.end_at < self.start_at:
            raise ValueError("`end_at` must not be before `start_at`")
        return self
