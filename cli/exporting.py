"""`benchmark export`: a run as a file of another format, or sent to a tracking server."""

import os
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Final

from cli.client import Client, run_from
from cli.connection import connect
from cli.exits import CommandError
from cli.output import say
from cli.steering import links, run_id_of
from cli.tracked_runs import TrackedRun, tracked_runs
from cli.tracking import TrackingServer
from core.runs import ENDED

BINARY: Final = frozenset({"inspect", "parquet"})
"""Formats that no terminal can show."""


def export(api: str | None, run: str, *, format: str, agent: str | None, output: Path | None) -> None:
    """Raises CommandError. A file is there whole, or as it was before."""
    if output is None and format in BINARY and sys.stdout.isatty():
        raise CommandError(f"A file of the format {format!r} is nothing to read: give --output FILE.")
    with connect(api) as client:
        run_id = run_id_of(client, run)
        pieces = client.download(f"/v1/runs/{run_id}/export", format=format, agent=agent)
        if output is None:
            for piece in pieces:
                sys.stdout.buffer.write(piece)
            sys.stdout.buffer.flush()
            return
        size = _written(output, pieces)
    say(f"{output} has the run {run_id} as {format}, {size:,} bytes.")


def track(api: str | None, run: str, *, to: str | None) -> None:
    """Sends a run to a tracking server of MLflow: a run there for each agent, in the experiment of the benchmark's
    name. What is there already is not sent again. Raises CommandError."""
    with connect(api) as client, TrackingServer(to) as server:
        told = client.get(f"/v1/runs/{run_id_of(client, run)}")
        found = run_from(told)
        if found.status not in ENDED:
            raise CommandError(f"The run is {found.status}; it can be exported once it has ended.")
        experiment = server.experiment(found.name)
        for each in tracked_runs(found, told["config"], page=links(told, client).get("ui")):
            _track(client, server, experiment, found.run_id, each)


def _track(client: Client, server: TrackingServer, experiment: str, run_id: str, run: TrackedRun) -> None:
    known = server.find(experiment, run.key)
    where = f"{server.url}/#/experiments/{experiment}/runs"
    if known is not None and known["status"] != "RUNNING":
        say(f"{run.name} is there already: {where}/{known['run_id']}")
        return
    info = known or server.begin(experiment, run)
    server.fill(info["run_id"], run)
    items = client.download(f"/v1/runs/{run_id}/export", format="csv", agent=run.name)
    kept = server.keep(info, "items.csv", items)
    server.end(info["run_id"], run)
    besides = "" if kept else " Its items are not there: the server takes no artifacts itself."
    say(f"{run.name} is at {where}/{info['run_id']}.{besides}")


def _written(path: Path, pieces: Iterator[bytes]) -> int:
    part = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with part.open("wb") as file:
            for piece in pieces:
                file.write(piece)
            size = file.tell()
        part.replace(path)
    except OSError as error:
        raise CommandError(f"{path} cannot be written: {error.strerror}.") from error
    finally:
        with suppress(OSError):
            part.unlink()
    return size
