"""The command `benchmark`. Commands are declared in `cli.commands`; what they do is imported when one is called."""

import os
import re
import sys
from collections.abc import Sequence
from importlib import import_module
from typing import Final

import typer

from cli.exits import CommandError, Exit
from cli.output import say

DECLARED_IN: Final = {
    "run": "running",
    "runs": "runs",
    "export": "exchange",
    "import": "exchange",
    "estimate": "money",
    "prices": "money",
    "compare": "judging",
    "gate": "judging",
    "leaderboard": "judging",
    "dev": "services",
    "serve": "services",
    "worker": "services",
    "doctor": "services",
    "db": "database",
    "judges": "judges",
    "preferences": "preferences",
    "agents": "agents",
    "datasets": "datasets",
    "limits": "limits",
    "schedules": "schedules",
    "webhooks": "webhooks",
    "keys": "keys",
    "audit": "audit",
    "baselines": "baselines",
    "report": "reporting",
    "reproduce": "provenance",
    "manifest": "provenance",
    "benchmarks": "catalogue",
    "evaluators": "catalogue",
    "init": "definitions",
    "validate": "definitions",
    "schema": "definitions",
    "version": "about",
    "openapi": "about",
}
"""The module of `cli.commands` that declares each command; only one is loaded, for every option costs time."""


def program(arguments: Sequence[str] = ()) -> typer.Typer:
    """The command line; only what these arguments need of it, everything without them."""
    app = typer.Typer(
        name="benchmark",
        help="Durable benchmarks of AI agents: submit, walk away, get numbers you can trust.",
        no_args_is_help=True,
        pretty_exceptions_enable=False,
        rich_markup_mode=None,
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    # With a callback it stays a group of commands, even of one.
    app.callback()(lambda: None)
    wanted = DECLARED_IN.get(arguments[0]) if arguments else None
    for module in [wanted] if wanted else dict.fromkeys(DECLARED_IN.values()):
        import_module(f"cli.commands.{module}").declare(app)
    return app


def run(arguments: Sequence[str] | None = None) -> None:
    """Does what the arguments (default: the process's) say; raises SystemExit with a code of `cli.exits.Exit`."""
    words = sys.argv[1:] if arguments is None else list(arguments)
    try:
        program(_before_cursor() or words)(words, prog_name="benchmark")
    except KeyboardInterrupt:
        sys.exit(Exit.DETACHED)
    except CommandError as error:
        say(str(error) if error.code is Exit.DETACHED else f"Error: {error}")
        sys.exit(error.code)


def _before_cursor() -> list[str]:
    """What was typed whole, where a shell asks how the line may go on; nothing otherwise."""
    if "_BENCHMARK_COMPLETE" not in os.environ:
        return []
    line = os.environ.get("_TYPER_COMPLETE_ARGS") or os.environ.get("COMP_WORDS", "")
    return re.split(r"\s", line)[1:-1]


if __name__ == "__main__":
    run()
