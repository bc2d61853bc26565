"""`benchmark compare|gate|leaderboard`: what runs show, against each other and against what is wanted."""

from pathlib import Path
from typing import Annotated

import typer

from cli import completion
from cli.commands.options import Api, Json, Run

Baseline = Annotated[
    str | None,
    typer.Option(
        metavar="RUN",
        help="The run to hold it against; `latest` is its benchmark's last completed one before it, and started "
        "like it, by somebody or by the same schedule.",
        autocompletion=completion.run_ids,
    ),
]
Policy = Annotated[Path | None, typer.Option(help="A gate's policy (YAML or JSON).", exists=True, dir_okay=False)]
Side = Annotated[
    str,
    typer.Argument(
        metavar="RUN[:AGENT]", help="A run's id, and the agent if it has several.", autocompletion=completion.run_ids
    ),
]


def declare(app: typer.Typer) -> None:
    app.command()(compare)
    app.command()(gate)
    app.command()(leaderboard)


def compare(
    baseline: Side,
    candidate: Side,
    allow: Annotated[
        list[str] | None, typer.Option(metavar="KIND", help="Compare although this differs: dataset, evaluators.")
    ] = None,
    confidence: Annotated[float, typer.Option(min=0.51, max=0.9999, help="Of the intervals.")] = 0.95,
    correction: Annotated[str, typer.Option(help="For many figures: holm, benjamini_hochberg, none.")] = "holm",
    flips: Annotated[int, typer.Option(min=0, max=10_000, help="How many changed cases to show.")] = 10,
    api: Api = None,
    as_json: Json = False,
) -> None:
    """Compare two agents case by case: did the second improve on the first, is it worse, or can nobody tell?"""
    from cli.comparing import Contest
    from cli.comparing import compare as compare_

    contest = Contest(baseline, candidate, tuple(allow or ()), confidence, correction, flips)
    compare_(api, contest, as_json=as_json)


def gate(
    run: Run = "latest",
    policy: Policy = None,
    baseline: Baseline = None,
    schema: Annotated[bool, typer.Option("--schema", help="Print the JSON Schema of a policy file instead.")] = False,
    api: Api = None,
    as_json: Json = False,
) -> None:
    """Judge a run by a policy. Exit codes: 0 passed, 1 failed, 3 inconclusive, 2 the policy is wrong, 5 no API.

    With --baseline alone, the run fails if it is worse than the baseline beyond chance.
    """
    from cli.exits import CommandError
    from cli.gating import gate as gate_
    from cli.gating import hurdle_of, print_schema

    if schema:
        print_schema()
        return
    hurdle = hurdle_of(policy, baseline)
    if hurdle is None:
        raise CommandError("Nothing to judge by: give --policy FILE, or --baseline RUN.")
    raise typer.Exit(gate_(api, run, hurdle, as_json=as_json))


def leaderboard(
    benchmark: Annotated[
        str,
        typer.Argument(help="The benchmark's name, as its runs bear it.", autocompletion=completion.benchmark_names),
    ],
    case_set: Annotated[str | None, typer.Option(help="The digest of the cases; default: the newest run's.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=50, help="How many agents at most.")] = 20,
    api: Api = None,
    as_json: Json = False,
) -> None:
    """Rank the agents of a benchmark, with the ranks that chance allows each of them."""
    from cli.leaderboards import show_leaderboard

    show_leaderboard(api, benchmark, case_set=case_set, limit=limit, as_json=as_json)
