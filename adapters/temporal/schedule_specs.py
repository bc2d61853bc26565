"""Schedules in Temporal's words and in ours, both ways."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from temporalio.client import (
    ScheduleCalendarSpec,
    ScheduleDescription,
    ScheduleIntervalSpec,
    ScheduleOverlapPolicy,
    SchedulePolicy,
    ScheduleRange,
    ScheduleSpec,
    ScheduleState,
)

from core.schedules import BOUNDS, Begun, Calendar, Described, Interval, Overlap, Rules, Skipped, Timing, ranges

OVERLAPS: dict[Overlap, ScheduleOverlapPolicy] = {
    "skip": ScheduleOverlapPolicy.SKIP,
    "buffer_one": ScheduleOverlapPolicy.BUFFER_ONE,
    "buffer_all": ScheduleOverlapPolicy.BUFFER_ALL,
    "cancel_other": ScheduleOverlapPolicy.CANCEL_OTHER,
    "terminate_other": ScheduleOverlapPolicy.TERMINATE_OTHER,
    "allow_all": ScheduleOverlapPolicy.ALLOW_ALL,
}
OURS: dict[ScheduleOverlapPolicy, Overlap] = {theirs: ours for ours, theirs in OVERLAPS.items()}
A_YEAR_S = 365 * 86400
"""Temporal's own catch-up window, where a schedule has none."""
MOST_RUNS = 1_000_000


def spec_of(when: Timing) -> ScheduleSpec:
    return ScheduleSpec(
        cron_expressions=list(when.cron),
        intervals=[
            ScheduleIntervalSpec(every=timedelta(seconds=each.every_s), offset=timedelta(seconds=each.offset_s))
            for each in when.intervals
        ],
        calendars=[_their_calendar(each) for each in when.calendars],
        skip=[_their_calendar(each) for each in when.skip],
        time_zone_name=when.time_zone,
        start_at=when.start_at,
        end_at=when.end_at,
        jitter=timedelta(seconds=when.jitter_s) if when.jitter_s else None,
    )


def policy_of(rules: Rules) -> SchedulePolicy:
    return SchedulePolicy(
        overlap=OVERLAPS[rules.overlap],
        catchup_window=timedelta(seconds=rules.catch_up_s),
        pause_on_failure=rules.pause_on_failure,
    )


def state_of(rules: Rules) -> ScheduleState:
    return ScheduleState(
        note=rules.note or None,
        paused=rules.paused,
        limited_actions=rules.remaining_runs is not None,
        remaining_actions=rules.remaining_runs or 0,
    )


def described(found: ScheduleDescription) -> Described:
    """What Temporal says. Cron lines come back as calendars: the line is in their comment."""
    state, info, policy = found.schedule.state, found.info, found.schedule.policy
    spent = state.limited_actions and not state.remaining_actions
    window = policy.catchup_window
    when = _our_timing(found.schedule.spec)
    return Described(
        when=when,
        echo=when.model_dump(mode="json"),
        rules=Rules(
            overlap=OURS.get(policy.overlap, "skip"),
            catch_up_s=min(max(10, int(window.total_seconds())), A_YEAR_S) if window else A_YEAR_S,
            pause_on_failure=policy.pause_on_failure,
            remaining_runs=min(state.remaining_actions, MOST_RUNS) or None,
            paused=state.paused,
            note=(state.note or "")[:1000],
        ),
        finished=spent or not info.next_action_times,
        changed_at=info.last_updated_at,
        begun=tuple(Begun(scheduled_at=each.scheduled_at, started_at=each.started_at) for each in info.recent_actions),
        at_work=len(info.running_actions),
        next_at=() if state.paused or spent else tuple(info.next_action_times),
        started=info.num_actions,
        missed=info.num_actions_missed_catchup_window,
        skipped=info.num_actions_skipped_overlap,
    )


def _our_timing(spec: ScheduleSpec) -> Timing:
    # Times that somebody set in Temporal need not keep our rules.
    return Timing.model_construct(
        cron=tuple(spec.cron_expressions),
        intervals=tuple(
            Interval.model_construct(
                every_s=int(each.every.total_seconds()),
                offset_s=int(each.offset.total_seconds()) if each.offset else 0,
            )
            for each in spec.intervals
        ),
        calendars=tuple(Calendar.model_construct(**_our_parts(each)) for each in spec.calendars),
        skip=tuple(Skipped.model_construct(**_our_parts(each)) for each in spec.skip),
        time_zone=spec.time_zone_name or "UTC",
        start_at=spec.start_at,
        end_at=spec.end_at,
        jitter_s=int(spec.jitter.total_seconds()) if spec.jitter else 0,
    )


def _their_calendar(calendar: Calendar) -> ScheduleCalendarSpec:
    parts = {
        name: tuple(ScheduleRange(*each) for each in ranges(getattr(calendar, name), *bounds))
        for name, bounds in BOUNDS.items()
        if (name, getattr(calendar, name)) != ("year", "*")
    }
    return ScheduleCalendarSpec(**parts, comment=calendar.comment or None)


def _our_parts(calendar: ScheduleCalendarSpec) -> dict[str, Any]:
    parts = {name: _part(getattr(calendar, name), bounds) for name, bounds in BOUNDS.items()}
    return {**parts, "comment": calendar.comment or ""}


def _part(found: Sequence[ScheduleRange], bounds: tuple[int, int]) -> str:
    return ",".join(_range(each, bounds) for each in found) or "*"


def _range(found: ScheduleRange, bounds: tuple[int, int]) -> str:
    span = str(found.start) if found.start == found.end else f"{found.start}-{found.end}"
    if (found.start, found.end) == bounds:
        span = "*"
    return span if found.step == 1 else f"{span}/{found.step}"
