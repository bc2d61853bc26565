"""`benchmark runs tune|rescore|fork`: changing a run that is there."""

from pathlib import Path
from typing import Annotated

import typer

from cli import completion
from cli.commands.options import Api, Json, Run

Agents = Annotated[
    list[str] | None,
    typer.Option("--agent", metavar="KIND:MODEL", help="As for `benchmark run`.", autocompletion=completion.agents),
]
Trials = Annotated[int | None, typer.Option(min=1, max=1000, help="Ask every case this often.")]
Watch = Annotated[bool, typer.Option("--watch/--no-watch", help="Follow it to its end.")]


def tune(
    run: Run = "latest",
    concurrency: Annotated[
        int | None, typer.Option(min=1, max=2000, help="Calls in flight at once, from now on, for each agent.")
    ] = None,
    max_cost: Annotated[
        float | None, typer.Option(min=0, help="What the run may spend, in US dollars; one that paused for it goes on.")
    ] = None,
    ignore_unknown_price: Annotated[
        bool, typer.Option("--ignore-unknown-price", help="With --max-cost: count answers of unknown price as nothing.")
    ] = False,
    max_tokens: Annotated[
        int | None, typer.Option(min=1, help="What it may spend, in input and output tokens.")
    ] = None,
    max_calls: Annotated[int | None, typer.Option(min=1, help="What it may spend, in calls.")] = None,
    no_budget: Annotated[
        bool, typer.Option("--no-budget", help="Lift its budget; one that paused for it goes on.")
    ] = False,
    trials: Trials = None,
    agent: Agents = None,
    api: Api = None,
    as_json: Json = False,
) -> None:
    """Change a run: its concurrency and budget while it runs, more trials or agents at any time."""
    from cli.amending import tune

    limits: dict[str, float | str | None] = {"max_usd": max_cost, "max_tokens": max_tokens, "max_calls": max_calls}
    if max_cost is not None:
        limits["unknown_price"] = "ignore" if ignore_unknown_price else "stop"
    tune(
        api,
        run,
        concurrency=concurrency,
        limits={key: value for key, value in limits.items() if value is not None},
        no_budget=no_budget,
        trials=trials,
        agents=tuple(agent or ()),
        as_json=as_json,
    )


def rescore(
    file: Annotated[Path, typer.Argument(help="A benchmark file with the evaluators to score by.")],
    run: Annotated[
        str, typer.Option("--run", metavar="RUN", help="The run's id.", autocompletion=completion.run_ids)
    ] = "latest",
    watch: Watch = True,
    api: Api = None,
    as_json: Json = False,
) -> None:
    """Score an ended run anew by other evaluators; no agent is asked, and the old scores are kept."""
    from cli.amending import rescore

    raise typer.Exit(rescore(api, run, file, watch_it=watch, as_json=as_json))


def fork(
    run: Run = "latest",
    trials: Trials = None,
    limit: Annotated[int | None, typer.Option(min=1, help="Ask at most this many cases.")] = None,
    agent: Agents = None,
    watch: Watch = True,
    api: Api = None,
    as_json: Json = False,
) -> None:
    """Start a run that takes over what this one has answered, and asks only what is new."""
    from cli.amending import fork

    raise typer.Exit(
        fork(api, run, trials=trials, limit=limit, agents=tuple(agent or ()), watch_it=watch, as_json=as_json)
    )
