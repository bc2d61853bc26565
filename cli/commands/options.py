"""Options that several commands share."""

from pathlib import Path
from typing import Annotated

import typer

from cli import completion

Api = Annotated[
    str | None,
    typer.Option(
        "--api",
        envvar="BENCHMARK_API_URL",
        metavar="URL",
        help="The API's address. Default: the `benchmark dev` of this folder, else http://127.0.0.1:8080. "
        "The key is read from BENCHMARK_API_KEY.",
        show_default=False,
    ),
]
Json = Annotated[bool, typer.Option("--json", help="JSON on standard output, for programs.")]
Run = Annotated[
    str,
    typer.Argument(metavar="RUN", help="The run's id; `latest` is the newest run.", autocompletion=completion.run_ids),
]
Junit = Annotated[
    Path | None,
    typer.Option(metavar="FILE", help="Write the run as JUnit XML for CI: a wrong answer is a failed test."),
]
Limit = Annotated[int, typer.Option("--limit", min=1, max=100_000, help="How many to list at most.")]
