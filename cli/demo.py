"""`make demo`: a real language model is benchmarked on this machine, durably, from start to figures.

Starts everything `benchmark dev` starts and the small language model, submits `cli/demo.yaml` over REST, follows
it, and prints what was found and where to look. With `--keep` everything stays up until Ctrl-C.
"""

import argparse
import asyncio
import sys
from importlib.resources import files
from pathlib import Path
from typing import Any, Final

import yaml
from rich.console import Console
from rich.text import Text

from benchmark_client.address import Address
from cli.client import Client
from cli.demo_picture import WIDTH, save_picture
from cli.demo_results import demo_table
from cli.dev import run_stack, show_export
from cli.embedded.stack import Stack, StackOptions
from cli.exits import CommandError, Exit
from cli.live import progress_view, watch
from cli.output import page
from cli.pace import Pace
from cli.steering import broken_off
from core.benchmarks import BenchmarkDefinition
from core.runs import Run

DATA: Final = Path(".benchmark") / "demo"
MODEL_URL: Final = "http://127.0.0.1:8090/v1"
"""Stands in the definition for wherever the model is served."""
MOST_ITEMS: Final = 10_000
STOPPING: Final = "`make demo KEEP=1` leaves everything up: the web pages, the API's documentation, the workflow."
"""In the place of links, where these are dead in a moment."""


def definition(model_url: str, *, limit: int | None = None) -> dict[str, Any]:
    """The demo's benchmark, asking the model there; at most `limit` questions."""
    text = files("cli").joinpath("demo.yaml").read_text()
    benchmark = yaml.safe_load(text.replace(MODEL_URL, model_url))
    benchmark["dataset"]["limit"] = limit
    return benchmark


async def run_demo(*, keep: bool, data: Path = DATA, limit: int | None = None, picture: Path | None = None) -> int:
    """The exit code: 0 when the run completed. `picture` is where to draw what was shown."""
    console = page()
    options = StackOptions(data=data, model=True, environment={"BENCHMARK_LOCAL_CALLABLES": "cli.demo_agent"})

    async def benchmark(stack: Stack) -> int:
        # A thread: the client waits. It ends by itself when the API does.
        code = await asyncio.to_thread(_benchmark, stack, console, limit, picture, keep=keep)
        if keep and code == Exit.OK:
            show_export(stack, console)
            console.print("Everything stays up until Ctrl-C.")
            await asyncio.Event().wait()
        return code

    return await run_stack(options, benchmark, console=console)


def _benchmark(stack: Stack, console: Console, limit: int | None, picture: Path | None, *, keep: bool) -> int:
    try:
        with Client(Address(stack.addresses.api_url, "the demo's own"), patience_s=0) as client:
            run = _submitted_and_watched(client, stack, console, limit)
            if run.status != "completed":
                console.print(broken_off(run), style="red", markup=False)
                return Exit.FAILED
            items = client.listing(f"/v1/runs/{run.run_id}/items", most=MOST_ITEMS)
            table, where = demo_table(run, items), _where(run, stack) if keep else Text(STOPPING)
            console.print(table)
            console.print(where, soft_wrap=True)
            if picture:
                save_picture(picture, [progress_view(run, Pace(), width=WIDTH), table, where])
            return Exit.OK
    except CommandError as error:
        console.print(str(error), style="red", markup=False, soft_wrap=True)
        return error.code


def _submitted_and_watched(client: Client, stack: Stack, console: Console, limit: int | None) -> Run:
    assert stack.model
    body = definition(stack.model.base_url, limit=limit)
    checked = BenchmarkDefinition.model_validate(body)
    agents = ", ".join(agent.name for agent in checked.agents)
    console.print(f"Everything runs. Benchmarking {agents}. Follow it in the browser too:", markup=False)
    run_id = client.post("/v1/runs", body)["run_id"]
    console.print(f"  {_page_url(stack, run_id)}", markup=False, soft_wrap=True)
    console.print(f"  {_workflow_url(stack, run_id)}", markup=False, soft_wrap=True)
    return watch(client, run_id, console=console)


def _where(run: Run, stack: Stack) -> Text:
    where = {
        "This run": _page_url(stack, run.run_id),
        "API documentation": f"{stack.addresses.api_url}/docs",
        "Its workflow": _workflow_url(stack, run.run_id),
    }
    return Text("\n".join(f"  {name:<18} {url}" for name, url in where.items()))


def _page_url(stack: Stack, run_id: str) -> str:
    return f"{stack.addresses.api_url}/ui/runs/{run_id}"


def _workflow_url(stack: Stack, run_id: str) -> str:
    where = stack.addresses
    return f"{where.temporal_ui_url}/namespaces/{where.temporal_namespace}/workflows/{run_id}"


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m cli.demo", description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--keep", action="store_true", help="leave everything running until Ctrl-C")
    parser.add_argument("--data", type=Path, default=DATA, help="the folder that keeps databases, objects and logs")
    parser.add_argument("--limit", type=int, help="ask at most this many questions")
    parser.add_argument("--picture", type=Path, help="draw what is shown at the end to this SVG file")
    told = parser.parse_args()
    sys.exit(asyncio.run(run_demo(keep=told.keep, data=told.data, limit=told.limit, picture=told.picture)))


if __name__ == "__main__":
    main()
