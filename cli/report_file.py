"""Takes a run's report from the API and keeps it as a file."""

import webbrowser
from pathlib import Path

from cli.client import Client
from cli.connection import connect
from cli.exits import CommandError
from cli.output import put_json, put_text, say
from cli.steering import run_id_of


def write_report(api: str | None, run: str, target: Path | None, *, baseline: str | None, open_it: bool) -> None:
    """Into the file, into a folder under the run's id, or with None onto standard output. Raises CommandError."""
    with connect(api) as client:
        run_id = run_id_of(client, run)
        page = _page(client, run_id, baseline)
    if target is None:
        put_text(page)
        return
    file = target / f"{run_id}.html" if target.is_dir() else target
    try:
        file.write_text(page, encoding="utf-8")
    except OSError as error:
        raise CommandError(f"The report cannot be written to {file}: {error.strerror}. Say --output FILE.") from error
    say(f"The report is in {file}.")
    if open_it and not webbrowser.open(file.resolve().as_uri()):
        say("There is no browser here to show it.")


def print_report(api: str | None, run: str) -> None:
    """The stored figures as JSON. Raises CommandError before there are some."""
    with connect(api) as client:
        put_json(client.get(f"/v1/runs/{run_id_of(client, run)}/report"))


def _page(client: Client, run_id: str, baseline: str | None) -> str:
    return b"".join(client.download(f"/v1/runs/{run_id}/report.html", baseline=baseline)).decode()
