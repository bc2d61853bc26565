"""How a watched run ended, told to whoever else wants to know: a JUnit file, GitHub."""

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from cli.client import Client
from cli.exits import Exit
from cli.github import tell_github
from cli.junit import write_junit
from cli.output import say

MOST_TESTS: Final = 20_000
"""Questions in a JUnit file; readers choke on more."""


def report(client: Client, run_id: str, *, ended: Exit, reasons: Sequence[str], junit: Path | None) -> None:
    """Raises CommandError."""
    run = client.run(run_id)
    if junit is not None:
        items = client.listing(f"/v1/runs/{run_id}/items", most=MOST_TESTS)
        write_junit(junit, run, items, ended=ended, reasons=reasons)
        if run.counts.answered + run.counts.failed > MOST_TESTS:
            say(f"{junit} has the first {MOST_TESTS:,} questions; `benchmark runs items` has them all.")
    tell_github(run, ended=ended, reasons=reasons, where=f"{client.address.url}/v1/runs/{run_id}")
