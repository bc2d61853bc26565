"""Histories told otherwise: the same events, taken in by the workflow in fewer and larger gulps.

A workflow may not care how many events a workflow task brings: a worker that is asked a query before its first task of
a workflow takes in early what has happened by then, and a later replay sees all of it at once.
"""

import json
from collections.abc import Iterator
from itertools import pairwise
from typing import Any, cast

Event = dict[str, Any]
TASK = "EVENT_TYPE_WORKFLOW_TASK_"
NEWS = ("EVENT_TYPE_ACTIVITY_TASK_STARTED", "EVENT_TYPE_ACTIVITY_TASK_COMPLETED")
SCHEDULED, STARTED, COMPLETED = (f"{TASK}{what}" for what in ("SCHEDULED", "STARTED", "COMPLETED"))


def swallowing(history: str) -> Iterator[str]:
    """The history with one of its workflow tasks merged into the next, for each that may be: whose commands had nothing
    to do with what the next task brought, so that all could have come at once."""
    events = cast("list[Event]", json.loads(history)["events"])
    completed = [place for place, event in enumerate(events) if event["eventType"] == COMPLETED]
    for place, following in pairwise(completed):
        if (merged := _merged(events, place, following)) is not None:
            yield json.dumps({"events": merged})


def _merged(events: list[Event], place: int, following: int) -> list[Event] | None:
    before = _first_of_task(events, place)
    commands = [event for event in events[place + 1 : following] if _is_command(event, events[place])]
    news = [event for event in events[place + 1 : following] if event["eventType"] in NEWS]
    rest = [event for event in events[place + 1 : following] if event not in commands and event not in news]
    started_or_cancelled = {event["eventId"] for event in commands}.union(*map(_causes, commands))
    if not commands or not news or any(_causes(event) & started_or_cancelled for event in news):
        return None
    if [event["eventType"] for event in rest] != [SCHEDULED, STARTED]:
        return None
    swallowed = events[before : place + 1]
    earlier = [event for event in swallowed if event["eventType"] in NEWS]
    # What the swallowed task brought, what the next one brought, that task, and the commands of both.
    order = [*events[:before], *earlier, *news, *rest, events[following], *commands, *events[following + 1 :]]
    gone = [event["eventId"] for event in swallowed if event not in earlier]
    return _renumbered(order, {old: events[following]["eventId"] for old in gone})


def _first_of_task(events: list[Event], completed: int) -> int:
    """Where the task that was completed here was scheduled; only news came in between."""
    place = completed
    while events[place]["eventType"] != SCHEDULED:
        place -= 1
    return place


def _is_command(event: Event, task: Event) -> bool:
    return any(
        isinstance(value, dict) and cast("Event", value).get("workflowTaskCompletedEventId") == task["eventId"]
        for value in event.values()
    )


def _causes(event: Event) -> set[str]:
    told = [cast("Event", value) for value in event.values() if isinstance(value, dict)]
    return {attributes["scheduledEventId"] for attributes in told if "scheduledEventId" in attributes}


def _renumbered(events: list[Event], moved: dict[str, str]) -> list[Event]:
    numbers = {event["eventId"]: str(number) for number, event in enumerate(events, 1)}
    numbers |= {old: numbers[new] for old, new in moved.items()}

    def told(value: Any, key: str = "") -> Any:
        if isinstance(value, dict):
            return {name: told(inner, name) for name, inner in cast("Event", value).items()}
        return numbers.get(value, value) if key.lower().endswith("eventid") and isinstance(value, str) else value

    return [told(event) for event in events]
