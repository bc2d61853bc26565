"""`benchmark dev|serve|worker|doctor`: the processes of the service, and whether they are well."""

from pathlib import Path
from typing import Annotated

import typer

from cli.commands.options import Api, Json


def declare(app: typer.Typer) -> None:
    app.command()(dev)
    app.command()(serve)
    app.command()(worker)
    app.command()(doctor)


def dev(
    data: Annotated[Path, typer.Option(help="The folder that keeps databases, objects and logs.")] = Path(".benchmark"),
    port: Annotated[int, typer.Option(min=1, max=65535, help="The API's port, if it is free.")] = 8080,
    workers: Annotated[int, typer.Option(min=1, max=64, help="Worker processes.")] = 1,
    model: Annotated[bool, typer.Option("--model", help="Serve the small language model too.")] = False,
) -> None:
    """Run everything in this terminal: PostgreSQL, Temporal with its Web UI, API and worker. Ctrl-C stops it."""
    import asyncio

    from cli.dev import run_dev
    from cli.embedded.stack import StackOptions

    options = StackOptions(data=data, api_port=port, worker_processes=workers, model=model)
    raise typer.Exit(asyncio.run(run_dev(options)))


def serve(
    host: Annotated[str | None, typer.Option(help="Default: BENCHMARK_API_HOST, else 127.0.0.1.")] = None,
    port: Annotated[int | None, typer.Option(min=1, max=65535, help="Default: BENCHMARK_API_PORT, else 8080.")] = None,
    processes: Annotated[int, typer.Option(min=1, max=256, help="Server processes; one uses one core.")] = 1,
) -> None:
    """Run the API. Settings: DATABASE_URL, TEMPORAL_*, AWS_*, BENCHMARK_*."""
    from cli.handover import become

    become(
        "api.serve",
        "--processes",
        str(processes),
        BENCHMARK_API_HOST=host,
        BENCHMARK_API_PORT=str(port) if port else None,
    )


def worker(
    processes: Annotated[int, typer.Option(min=1, max=256, help="Worker processes; one uses one core.")] = 1,
) -> None:
    """Run a worker. Settings: DATABASE_URL, TEMPORAL_*, AWS_*, BENCHMARK_*. SIGTERM finishes what is in flight."""
    from cli.handover import become

    if processes == 1:
        become("worker.main")
    become("worker.processes", str(processes))


def doctor(
    data: Annotated[Path | None, typer.Option(help="Look at the `benchmark dev` that was given this --data.")] = None,
    api: Api = None,
    as_json: Json = False,
) -> None:
    """Check this machine, the services and the keys, and say how to mend what is wrong.

    Exit codes: 0 all is well, 2 a setting cannot be what it is, 5 something is ill.
    """
    from cli.doctor import examine

    raise typer.Exit(examine(api, data=data, as_json=as_json))
