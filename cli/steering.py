"""One run: where it stands, following it, steering it, and how a command about it ends."""

import sys
import webbrowser
from pathlib import Path
from typing import Any

from cli.bars import PASSED, Bar, Ending, cleared
from cli.client import Client, run_from
from cli.connection import connect
from cli.exits import CommandError, Exit
from cli.live import progress_view, watch
from cli.output import page, put_json, put_text, say, show
from cli.pace import Pace
from cli.reports import report
from cli.results import results_table
from cli.waiting import reasons
from core.runs import ENDED, Run

PAST = {"cancel": "cancelled", "pause": "paused", "resume": "resumed", "retry": "retried"}


def run_id_of(client: Client, name: str) -> str:
    """`latest` becomes the newest run's id. Raises CommandError when there is none."""
    if name != "latest":
        return name
    for run in client.listing("/v1/runs", most=1):
        return str(run["run_id"])
    raise CommandError("There is no run yet; start one with `benchmark run FILE`.")


def show_run(api: str | None, name: str, *, as_json: bool) -> None:
    with connect(api) as client:
        data = client.get(f"/v1/runs/{run_id_of(client, name)}")
        run = run_from(data)
        waits = () if as_json else reasons(client, run)
    if as_json:
        put_json(data)
        return
    show(progress_view(run, Pace(), waits, width=page().width))
    for what, where in links(data, client).items():
        say(f"  {what:<12} {where}")


def show_results(api: str | None, name: str, *, as_json: bool) -> None:
    with connect(api) as client:
        run_id = run_id_of(client, name)
        if as_json:
            put_json(client.get(f"/v1/runs/{run_id}/results"))
            return
        run = client.run(run_id)
    if run.status not in ENDED:
        say(f"The run is {run.status}; its figures come with its end. Follow it: benchmark runs watch {run_id}")
    show(results_table(run))


def watch_run(api: str | None, name: str, *, bar: Bar | None, junit: Path | None = None, as_json: bool) -> Exit:
    with connect(api) as client:
        run_id = run_id_of(client, name)
        ending = follow(client, run_id, bar=bar, as_json=as_json)
        report(client, run_id, ended=ending.code, reasons=ending.reasons, junit=junit)
        return ending.code


def follow(client: Client, run_id: str, *, bar: Bar | None, as_json: bool) -> Ending:
    """Watches to the end and shows the results; how the command ends. Raises CommandError, also for Ctrl-C."""
    try:
        run = watch(client, run_id)
    except KeyboardInterrupt as error:
        raise CommandError(
            f"Detached; the run lives on. Follow it again with: benchmark runs watch {run_id}", Exit.DETACHED
        ) from error
    if as_json:
        put_json(client.get(f"/v1/runs/{run_id}"))
    else:
        show(results_table(run))
    return conclude(run, bar)


def conclude(run: Run, bar: Bar | None) -> Ending:
    """How a command about an ended run ends; says why when the code is not 0."""
    if run.status != "completed":
        ended = Ending(Exit.FAILED, (broken_off(run),))
    else:
        ended = PASSED if bar is None else cleared(run, bar)
    for reason in ended.reasons:
        say(reason)
    return ended


def broken_off(run: Run) -> str:
    """How a run that did not complete ended, in a sentence."""
    if run.status == "cancelled":
        counts = run.counts
        kept = (
            f"; the {counts.answered:,} of {counts.total:,} questions that were answered are kept"
            if counts.answered
            else ""
        )
        return f"The run was cancelled{kept}."
    return f"The run {run.status}: {run.error or 'without a reason'}"


def steer(api: str | None, name: str, how: str, *, as_json: bool) -> None:
    with connect(api) as client:
        run_id = run_id_of(client, name)
        data = client.post(f"/v1/runs/{run_id}/{how}")
    if as_json:
        put_json(data)
        return
    say(f"{run_id} is being {PAST[how]}.")
    if how in ("cancel", "pause"):
        say(
            f"Calls in flight are paid for, and awaited first, judges' too. Watch it end: benchmark runs watch {run_id}"
        )


def open_run(api: str | None, name: str, *, temporal: bool) -> None:
    """Tells the page's address (the Temporal UI's, where there is no other), and opens it for a person."""
    wanted = ("temporal_ui",) if temporal else ("ui", "temporal_ui")
    with connect(api) as client:
        found = links(client.get(f"/v1/runs/{run_id_of(client, name)}"), client)
    where = next((found[page] for page in wanted if page in found), None)
    if where is None:
        raise CommandError("The API knows no page for this run: set BENCHMARK_TEMPORAL_UI_URL where it runs.")
    put_text(where)
    if sys.stdout.isatty():
        webbrowser.open(where)


def links(data: Any, client: Client) -> dict[str, str]:
    """The run's links, as whole addresses."""
    given: dict[str, str | None] = data.get("links") or {}
    return {name: where if "://" in where else client.address.url + where for name, where in given.items() if where}
