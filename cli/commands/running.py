"""`benchmark run`: submit a benchmark and watch it."""

from pathlib import Path
from typing import Annotated

import typer

from cli import completion
from cli.commands.judging import Baseline, Policy
from cli.commands.options import Api, Json, Junit
from cli.commands.runs import FailBy, FailUnder

Agents = Annotated[
    list[str] | None,
    typer.Option(
        "--agent",
        metavar="KIND:MODEL",
        help="Ask this agent instead of the file's; may be repeated. `openai:gpt-5-mini`, "
        "`openai:my-model,base_url=http://127.0.0.1:8000/v1`, or `http:url=http://127.0.0.1:9000/ask`.",
        autocompletion=completion.agents,
    ),
]
Benchmark = Annotated[
    str,
    typer.Argument(
        help="A benchmark file (YAML or JSON), a ready-made one (gsm8k, ...), or one that is stored.",
        autocompletion=completion.benchmarks,
    ),
]


def declare(app: typer.Typer) -> None:
    app.command("run")(run)


def run(
    benchmark: Benchmark,
    folder: Annotated[Path | None, typer.Option(help="Where the data of a ready-made benchmark lies.")] = None,
    agent: Agents = None,
    limit: Annotated[int | None, typer.Option(min=1, help="Ask at most this many cases.")] = None,
    max_cost: Annotated[
        float | None, typer.Option(min=0, help="Pause when the agents' answers have cost this much, in US dollars.")
    ] = None,
    trials: Annotated[int | None, typer.Option(min=1, max=1000, help="Ask every case this often.")] = None,
    watch: Annotated[bool, typer.Option("--watch/--no-watch", help="Follow the run to its end.")] = True,
    fail_under: FailUnder = None,
    fail_under_by: FailBy = "interval",
    policy: Policy = None,
    baseline: Baseline = None,
    junit: Junit = None,
    api: Api = None,
    as_json: Json = False,
) -> None:
    """Submit a benchmark and follow it. Ctrl-C stops following; the run lives on.

    With --policy the run is judged by a gate as it ends, with --baseline alone it must not be worse than that run.

    Exit codes: 0 completed, 1 below --fail-under or the gate failed, 2 the file or an option is wrong, 3 it cannot be
    told whether it is below --fail-under or the gate is inconclusive, 4 the run failed or was cancelled, 5 the API does
    not answer, 130 Ctrl-C.
    """
    from cli.bars import bar_of
    from cli.gating import hurdle_of
    from cli.submission import Wish, submit

    hurdle = hurdle_of(policy, baseline)
    wish = Wish(
        benchmark=benchmark, folder=folder, agents=tuple(agent or ()), limit=limit, trials=trials, max_cost=max_cost
    )
    raise typer.Exit(
        submit(
            api,
            wish,
            watch_it=watch,
            bar=bar_of(fail_under, fail_under_by),
            hurdle=hurdle,
            junit=junit,
            as_json=as_json,
        )
    )
