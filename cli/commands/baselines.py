"""`benchmark baselines`: what completed runs are held against, and what came of it."""

from typing import Annotated

import typer

from cli import completion
from cli.commands.options import Api, Json, Limit

Name = Annotated[
    str, typer.Argument(metavar="BENCHMARK", help="The benchmark's name.", autocompletion=completion.benchmark_names)
]


def declare(app: typer.Typer) -> None:
    group = typer.Typer(no_args_is_help=True, help="Baselines: what completed runs are held against.")
    group.command("set")(set_)
    group.command()(show)
    group.command()(remove)
    group.command()(checks)
    app.add_typer(group, name="baselines")


def set_(
    benchmark: Name,
    baseline: Annotated[str, typer.Argument(help="last_good, rolling, rolling:7, or a run's id.")],
    error: Annotated[float, typer.Option(min=0.001, max=0.2, help="The chance of a false alarm, at most.")] = 0.05,
    looks: Annotated[int, typer.Option(min=1, max=400, help="Over so many runs in a row.")] = 1,
    api: Api = None,
    as_json: Json = False,
) -> None:
    """Hold every run of a benchmark that completes from now on against a baseline."""
    from cli.baselines import set_baseline

    set_baseline(api, benchmark, baseline, error=error, looks=looks, as_json=as_json)


def show(benchmark: Name, api: Api = None, as_json: Json = False) -> None:
    """Show a benchmark's baseline."""
    from cli.baselines import show_baseline

    show_baseline(api, benchmark, as_json=as_json)


def remove(benchmark: Name, api: Api = None) -> None:
    """Hold its runs against nothing any more; what was found stays."""
    from cli.baselines import remove_baseline

    remove_baseline(api, benchmark)


def checks(
    watch: Annotated[str | None, typer.Argument(metavar="[WATCH]", help="A schedule's id or a benchmark.")] = None,
    regressions: Annotated[bool, typer.Option("--regressions", help="Only runs that were found worse.")] = False,
    limit: Limit = 20,
    api: Api = None,
    as_json: Json = False,
) -> None:
    """List completed runs and how they did against their baselines, the newest first."""
    from cli.baselines import list_checks

    list_checks(api, watch, regressions=regressions, limit=limit, as_json=as_json)
