"""`benchmark schedules`: runs that start by themselves."""

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from cli import completion
from cli.commands.options import Api, Json, Limit
from cli.commands.running import Agents, Benchmark

Schedule = Annotated[
    str,
    typer.Argument(metavar="SCHEDULE", help="The schedule's name or id.", autocompletion=completion.schedules),
]
Cron = Annotated[
    list[str] | None,
    typer.Option(help="Times as a cron line, such as '0 3 * * 1-5'; may be repeated.", metavar="LINE"),
]
Every = Annotated[
    list[str] | None, typer.Option(help="Times at an interval: 30s, 15m, 6h, 1d; may be repeated.", metavar="INTERVAL")
]
Calendar = Annotated[
    list[str] | None,
    typer.Option(help="Times by their parts, such as 'hour=9,day_of_week=1-5'; may be repeated.", metavar="PARTS"),
]
TimeZone = Annotated[
    str | None, typer.Option(help="In which cron lines and calendars are read, such as Europe/Berlin.")
]
Jitter = Annotated[str | None, typer.Option(help="Each time comes up to so much later, by chance.")]
Overlap = Annotated[
    str | None,
    typer.Option(
        help="What happens while the run before still goes on: skip, buffer_one, buffer_all, cancel_other, "
        "terminate_other or allow_all."
    ),
]
CatchUp = Annotated[str | None, typer.Option(help="How old a time may be that is made up for: 1h, 1d.")]
Runs = Annotated[int | None, typer.Option(min=1, help="So many more runs, then no more.")]
PauseOnFailure = Annotated[
    bool | None, typer.Option("--pause-on-failure/--go-on", help="Whether to pause as soon as a run of it fails.")
]
Baseline = Annotated[
    str | None,
    typer.Option(help="With what finished runs are compared: last_good, rolling, rolling:7, or a run's id."),
]
Note = Annotated[str | None, typer.Option(help="Why, for people.")]


def declare(app: typer.Typer) -> None:
    group = typer.Typer(no_args_is_help=True, help="Runs that start by themselves.")
    group.command()(create)
    group.command("list")(list_)
    group.command()(show)
    group.command()(runs)
    group.command()(update)
    group.command()(pause)
    group.command()(resume)
    group.command()(trigger)
    group.command()(backfill)
    group.command()(delete)
    app.add_typer(group, name="schedules")


def create(
    ctx: typer.Context,
    name: Annotated[str, typer.Argument(help="What it is called.")],
    benchmark: Benchmark,
    cron: Cron = None,
    every: Every = None,
    calendar: Calendar = None,
    time_zone: TimeZone = None,
    jitter: Jitter = None,
    overlap: Overlap = None,
    catch_up: CatchUp = None,
    remaining_runs: Runs = None,
    pause_on_failure: PauseOnFailure = None,
    baseline: Baseline = None,
    paused: Annotated[bool, typer.Option("--paused", help="Start no run before it is resumed.")] = False,
    note: Note = None,
    folder: Annotated[Path | None, typer.Option(help="Where the data of a ready-made benchmark lies.")] = None,
    agent: Agents = None,
    limit: Annotated[int | None, typer.Option(min=1, help="Ask at most this many cases.")] = None,
    api: Api = None,
    as_json: Json = False,
) -> None:
    """Have a benchmark run by itself, exactly once at each of its times."""
    from cli.schedules import Wanted, create_schedule
    from cli.submission import Wish

    wish = Wish(benchmark=benchmark, folder=folder, agents=tuple(agent or ()), limit=limit)
    wanted = Wanted.typed(ctx.params)
    create_schedule(api, name, wish, wanted, paused=paused, as_json=as_json)


def list_(limit: Limit = 100, api: Api = None, as_json: Json = False) -> None:
    """List schedules with their next and last runs."""
    from cli.schedules import list_schedules

    list_schedules(api, limit=limit, as_json=as_json)


def show(schedule: Schedule, api: Api = None, as_json: Json = False) -> None:
    """Show a schedule: its times as Temporal has them, and its next and last runs."""
    from cli.schedules import show_schedule

    show_schedule(api, schedule, as_json=as_json)


def runs(schedule: Schedule, limit: Limit = 20, api: Api = None, as_json: Json = False) -> None:
    """List what came of its times, the newest first."""
    from cli.schedules import list_ticks

    list_ticks(api, schedule, limit=limit, as_json=as_json)


def update(
    ctx: typer.Context,
    schedule: Schedule,
    cron: Cron = None,
    every: Every = None,
    calendar: Calendar = None,
    time_zone: TimeZone = None,
    jitter: Jitter = None,
    overlap: Overlap = None,
    catch_up: CatchUp = None,
    remaining_runs: Runs = None,
    pause_on_failure: PauseOnFailure = None,
    baseline: Baseline = None,
    note: Note = None,
    name: Annotated[str | None, typer.Option(help="Another name.")] = None,
    api: Api = None,
    as_json: Json = False,
) -> None:
    """Change a schedule: only what is said; new times take the place of all its times."""
    from cli.schedules import Wanted, update_schedule

    wanted = Wanted.typed(ctx.params)
    update_schedule(api, schedule, wanted, name=name, as_json=as_json)


def pause(schedule: Schedule, note: Note = None, api: Api = None, as_json: Json = False) -> None:
    """Let its times pass without runs."""
    from cli.schedules import steer

    steer(api, schedule, "pause", {"note": note or ""}, as_json=as_json)


def resume(schedule: Schedule, note: Note = None, api: Api = None, as_json: Json = False) -> None:
    """Go on from its next time."""
    from cli.schedules import steer

    steer(api, schedule, "resume", {"note": note or ""}, as_json=as_json)


def trigger(schedule: Schedule, overlap: Overlap = None, api: Api = None, as_json: Json = False) -> None:
    """Start a run now, besides its times."""
    from cli.schedules import trigger_schedule

    trigger_schedule(api, schedule, overlap, as_json=as_json)


def backfill(
    schedule: Schedule,
    start: Annotated[datetime, typer.Option(help="From this time on (UTC), included.")],
    end: Annotated[datetime, typer.Option(help="To this time (UTC), included.")],
    overlap: Overlap = None,
    api: Api = None,
    as_json: Json = False,
) -> None:
    """Make up for past times, at most 100 at once; those that have a run get no second one."""
    from cli.schedules import backfill_schedule

    backfill_schedule(api, schedule, start, end, overlap, as_json=as_json)


def delete(schedule: Schedule, api: Api = None) -> None:
    """Delete a schedule; its runs stay."""
    from cli.schedules import delete_schedule

    delete_schedule(api, schedule)
