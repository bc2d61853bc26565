"""`benchmark runs`: looking at runs and steering them."""

from typing import Annotated, Literal

import typer

from cli import completion
from cli.commands.amending import fork, rescore, tune
from cli.commands.options import Api, Json, Junit, Limit, Run

FailUnder = Annotated[
    float | None,
    typer.Option(
        min=0,
        max=1,
        help="Exit with 1 if any agent's accuracy is below this (0 to 1), and with 3 if its interval allows both.",
    ),
]
FailBy = Annotated[
    Literal["interval", "point"],
    typer.Option(
        "--fail-under-by", help="What --fail-under looks at: the 95 % interval, or the accuracy as if it were certain."
    ),
]


RunStatus = Literal["queued", "processing", "paused", "completed", "failed", "cancelled"]
AttemptStatus = Literal["open", "answered", "failed", "retried", "unsent", "unknown", "late"]


def declare(app: typer.Typer) -> None:
    group = typer.Typer(no_args_is_help=True, help="Look at runs and steer them.")
    group.command("list")(list_)
    for command in (show, watch, items, attempts, results, cancel, pause, resume, retry, tune, rescore, fork, open_):
        group.command(command.__name__.rstrip("_"))(command)
    app.add_typer(group, name="runs")


def list_(
    status: Annotated[RunStatus | None, typer.Option(help="Only those that are so.")] = None,
    limit: Limit = 20,
    api: Api = None,
    as_json: Json = False,
) -> None:
    """List runs, the newest first."""
    from cli.listings import list_runs

    list_runs(api, status=status, limit=limit, as_json=as_json)


def show(run: Run = "latest", api: Api = None, as_json: Json = False) -> None:
    """Tell where a run stands."""
    from cli.steering import show_run

    show_run(api, run, as_json=as_json)


def watch(
    run: Run = "latest",
    fail_under: FailUnder = None,
    fail_under_by: FailBy = "interval",
    junit: Junit = None,
    api: Api = None,
    as_json: Json = False,
) -> None:
    """Follow a run to its end. Ctrl-C stops watching; the run lives on."""
    from cli.bars import bar_of
    from cli.steering import watch_run

    raise typer.Exit(watch_run(api, run, bar=bar_of(fail_under, fail_under_by), junit=junit, as_json=as_json))


def results(run: Run = "latest", api: Api = None, as_json: Json = False) -> None:
    """Show a run's figures: accuracy with interval, latency, tokens, cost, categories, errors."""
    from cli.steering import show_results

    show_results(api, run, as_json=as_json)


def items(
    run: Run = "latest",
    agent: Annotated[str | None, typer.Option(help="Only this agent's.")] = None,
    status: Annotated[Literal["answered", "failed"] | None, typer.Option(help="Only those that ended so.")] = None,
    category: Annotated[str | None, typer.Option(help="Only this category's.")] = None,
    cause: Annotated[str | None, typer.Option(help="Only failures of this cause.")] = None,
    correct: Annotated[bool | None, typer.Option("--right/--wrong", help="Only right or only wrong answers.")] = None,
    evaluator: Annotated[
        str | None,
        typer.Option(help="By whom right or wrong; default: the first.", autocompletion=completion.evaluators),
    ] = None,
    slower: Annotated[float | None, typer.Option(min=0, help="Only answers that took so many seconds or more.")] = None,
    dearer: Annotated[float | None, typer.Option(min=0, help="Only answers that cost so many dollars or more.")] = None,
    text: Annotated[str | None, typer.Option(help="Only with this in the answer, or in why there is none.")] = None,
    limit: Limit = 20,
    api: Api = None,
    as_json: Json = False,
) -> None:
    """Show single answers: the question, what was expected, what came, and every evaluator's score."""
    from cli.items import list_items

    wanted = {"agent": agent, "status": status, "category": category, "cause": cause}
    wanted |= {"correct": correct, "evaluator": evaluator}
    wanted |= {"min_latency_s": slower, "min_cost_usd": dearer, "text": text}
    list_items(api, run, wanted, limit=limit, as_json=as_json)


def attempts(
    run: Run = "latest",
    agent: Annotated[str | None, typer.Option(help="Only this agent's.")] = None,
    status: Annotated[
        AttemptStatus | None, typer.Option(help="Only those that are so; unknown: lost with their worker.")
    ] = None,
    case: Annotated[int | None, typer.Option(min=0, help="Only this case's, by its index from 0.")] = None,
    limit: Limit = 20,
    api: Api = None,
    as_json: Json = False,
) -> None:
    """Show the calls behind the answers: what was sent, lost, repeated, or came too late."""
    from cli.attempts import list_attempts

    list_attempts(api, run, {"agent": agent, "status": status, "case": case}, limit=limit, as_json=as_json)


def cancel(run: Run = "latest", api: Api = None, as_json: Json = False) -> None:
    """Stop a run for good; what was answered stays."""
    _steer(api, run, "cancel", as_json=as_json)


def pause(run: Run = "latest", api: Api = None, as_json: Json = False) -> None:
    """Ask no further questions until `resume`."""
    _steer(api, run, "pause", as_json=as_json)


def resume(run: Run = "latest", api: Api = None, as_json: Json = False) -> None:
    """Go on with a paused run."""
    _steer(api, run, "resume", as_json=as_json)


def retry(run: Run = "latest", api: Api = None, as_json: Json = False) -> None:
    """Ask the failed questions of a run again. Refused when none has failed."""
    _steer(api, run, "retry", as_json=as_json)


def _steer(api: str | None, run: str, how: str, *, as_json: bool) -> None:
    from cli.steering import steer

    steer(api, run, how, as_json=as_json)


def open_(
    run: Run = "latest",
    temporal: Annotated[bool, typer.Option("--temporal", help="Its workflow in the Temporal UI instead.")] = False,
    api: Api = None,
) -> None:
    """Open a run in the browser, and tell its address."""
    from cli.steering import open_run

    open_run(api, run, temporal=temporal)
