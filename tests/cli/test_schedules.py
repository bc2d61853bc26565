"""`benchmark schedules`: what is typed becomes what is sent, and schedules are told so that people see what comes."""

from datetime import UTC, datetime

import pytest

from cli.exits import CommandError
from cli.listings import moment
from cli.schedule_text import said
from cli.schedules import Wanted, baseline_of, parts_of, seconds_of
from core.schedules import Calendar, Interval, NewSchedule, Timing
from tests.api.bodies import definition

NOTHING = Wanted(
    times=((), (), ()),
    time_zone=None,
    jitter=None,
    overlap=None,
    catch_up=None,
    remaining_runs=None,
    pause_on_failure=None,
    baseline=None,
    note=None,
)


def wanted(**changes: object) -> Wanted:
    return Wanted(**{**vars(NOTHING), **changes})  # type: ignore[arg-type]


def test_what_is_typed_is_a_body_that_the_api_takes() -> None:
    typed = wanted(
        times=(["0 3 * * 1-5"], ["6h"], ["hour=9,minute=0,30"]),
        time_zone="Europe/Berlin",
        jitter="5m",
        catch_up="1h",
        remaining_runs=3,
        baseline="rolling:7",
    )
    schedule = NewSchedule.model_validate({"name": "nightly", "run": definition(), **typed.body()})
    assert schedule.when == Timing(
        cron=("0 3 * * 1-5",),
        intervals=(Interval(every_s=21600),),
        calendars=(Calendar(hour="9", minute="0,30"),),
        time_zone="Europe/Berlin",
        jitter_s=300,
    )
    assert (schedule.catch_up_s, schedule.remaining_runs, schedule.overlap) == (3600, 3, "skip")
    assert schedule.baseline is not None
    assert schedule.baseline.model_dump(exclude_defaults=True) == {"runs": 7}


def test_what_is_not_said_is_not_changed() -> None:
    assert NOTHING.body() == {}
    assert wanted(note="why").body() == {"note": "why"}


@pytest.mark.parametrize(
    ("typed", "reason"),
    [
        (lambda: seconds_of("soon"), "no length of time"),
        (lambda: parts_of("noon"), "names no times"),
        (lambda: parts_of("century=21"), "names no times"),
        (lambda: parts_of("hour=25"), "hour=25 is no part of a calendar: hour goes from 0 to 23, written as 9, 1-5"),
        (lambda: parts_of("hour=noon"), "hour=noon is no part"),
        (lambda: baseline_of("the best"), "no baseline"),
        (lambda: wanted(time_zone="UTC").when(), "go with --cron"),
    ],
)
def test_what_cannot_be_meant_is_told_with_what_can(typed: object, reason: str) -> None:
    assert callable(typed)
    with pytest.raises(CommandError, match=reason):
        typed()


def test_times_are_told_in_a_line() -> None:
    when = Timing(
        cron=("0 3 * * *",),
        intervals=(Interval(every_s=3600),),
        calendars=(Calendar(hour="9", day_of_week="1-5"),),
        time_zone="Europe/Berlin",
        jitter_s=60,
    )
    assert said(when) == (
        "cron 0 3 * * *; every 1 h; calendar hour=9,day_of_week=1-5 (Europe/Berlin), up to 1 min later"
    )


def test_times_are_shown_in_the_schedules_own_zone_and_it_is_named() -> None:
    assert moment(datetime(2026, 7, 1, 1, 0, tzinfo=UTC), "Europe/Berlin") == "2026-07-01 03:00 CEST"
    assert moment(datetime(2026, 1, 1, 1, 0, tzinfo=UTC), "UTC") == "2026-01-01 01:00 UTC"
