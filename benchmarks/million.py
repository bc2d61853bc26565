"""A run of a million cases by one agent that costs nothing, on this machine alone: does anything grow with its size?

`python -m benchmarks.million` prints, for `--cases` cases of the `simulated` agent: how long each phase took and what
processor time each service used; the workers' memory by phase; the largest history of all its workflow executions;
how long pages of results take during the run and after it; bytes on disk; and what removing the run costs.
Nothing is kept: the services run in a temporary folder, or in a temporary one inside `--folder`.
"""

import argparse
import asyncio
import statistics
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Generator, Sequence
from pathlib import Path
from typing import NamedTuple

import httpx2
import orjson
from rich.console import Console

from adapters.database.engine import open_engine
from adapters.database.items import PLACES
from adapters.database.retention import Retention
from benchmarks.consumption import (
    MEGABYTE,
    database_bytes,
    database_url,
    folder_bytes,
    histories,
    processor_s,
    side_process_memory_mb,
    worker_memory_mb,
)
from cli.dev import run_stack
from cli.embedded.stack import Stack, StackOptions

CATEGORIES = 20
SAMPLE_EVERY_S = 0.5
PAGES_EVERY_S = 30.0
ENDED = ("completed", "failed", "cancelled")


class Sample(NamedTuple):
    phase: str
    """preparing, asking (in quarters of the cases), figures."""
    seconds: float
    """Since the run was submitted."""
    workers_mb: list[float]
    side_processes_mb: float


class Observed(NamedTuple):
    run_id: str
    samples: Sequence[Sample]
    pages: dict[str, list[float]]
    """Seconds of every page that was read during the run."""
    processor_s: dict[str, float]


def write_cases(path: Path, cases: int) -> None:
    with path.open("wb") as file:
        for number in range(cases):
            case = {
                "id": f"sum-{number}",
                "input": f"What is {number} + {number}? Answer with the number alone.",
                "expected": str(2 * number),
                "category": f"category-{number % CATEGORIES}",
            }
            file.write(orjson.dumps(case) + b"\n")


def definition(path: Path) -> dict[str, object]:
    """One wrong answer in a thousand, so that looking for them means looking at nearly all."""
    return {
        "name": "a-million",
        "dataset": {"source": {"kind": "file", "path": str(path)}},
        "agents": [{"name": "sums", "agent": {"kind": "simulated", "accuracy": 0.999}, "concurrency": 100}],
        "evaluators": [{"kind": "exact"}],
    }


def page_queries(cases: int) -> dict[str, dict[str, str | float]]:
    """By what they are called, the query parameters of `/items`; none has an `agent`, as most people ask."""
    middle = PLACES.encode((0, 0, cases // 2))
    return {
        "first page of items": {"limit": 100},
        "page in the middle": {"limit": 100, "cursor": middle},
        "items of a category": {"limit": 100, "category": "category-7"},
        "one case": {"case_id": f"sum-{cases - 1}"},
        "items with a wrong answer": {"limit": 100, "correct": "false"},
        "wrong answers, middle": {"limit": 100, "correct": "false", "cursor": middle},
        "items scored below 0.5": {"limit": 100, "max_score": 0.5},
        "failed items (there are none)": {"limit": 100, "status": "failed"},
    }


async def read_pages(api: httpx2.AsyncClient, run_id: str, cases: int) -> dict[str, float]:
    """Seconds of each page, read once."""
    paths: dict[str, tuple[str, dict[str, str | float]]] = {
        "the run": (f"/v1/runs/{run_id}", {}),
        "list of runs": ("/v1/runs", {}),
        "results": (f"/v1/runs/{run_id}/results", {}),
        "calls, first page": (f"/v1/runs/{run_id}/attempts", {"limit": 100}),
        "lost calls (there are none)": (f"/v1/runs/{run_id}/attempts", {"limit": 100, "status": "unknown"}),
    }
    paths |= {name: (f"/v1/runs/{run_id}/items", query) for name, query in page_queries(cases).items()}
    seconds: dict[str, float] = {}
    for name, (path, query) in paths.items():
        began = time.perf_counter()
        (await api.get(path, params=query)).raise_for_status()
        seconds[name] = time.perf_counter() - began
    return seconds


async def observe(api: httpx2.AsyncClient, path: Path, cases: int) -> Observed:
    """Submits the run and watches it to its end. Raises RuntimeError if it did not end well."""
    used_before, began = processor_s(), time.perf_counter()
    submitted = await api.post("/v1/runs", json=definition(path))
    submitted.raise_for_status()
    run_id = submitted.json()["run_id"]
    samples: list[Sample] = []
    pages: defaultdict[str, list[float]] = defaultdict(list)
    next_pages = began + PAGES_EVERY_S
    while True:
        run = (await api.get(f"/v1/runs/{run_id}")).json()
        elapsed = time.perf_counter() - began
        samples.append(Sample(phase_of(run["counts"]), elapsed, worker_memory_mb(), side_process_memory_mb()))
        if run["status"] in ENDED:
            break
        if time.perf_counter() > next_pages:
            for name, seconds in (await read_pages(api, run_id, cases)).items():
                pages[name].append(seconds)
            next_pages = time.perf_counter() + PAGES_EVERY_S
        await asyncio.sleep(SAMPLE_EVERY_S)
    if run["status"] != "completed" or run["counts"]["answered"] != cases or run["counts"]["evaluated"] != cases:
        raise RuntimeError(f"The run ended as {run['status']}: {run['error']}; {run['counts']}")
    used = {name: seconds - used_before.get(name, 0.0) for name, seconds in processor_s().items()}
    return Observed(run_id, samples, dict(pages), used)


def phase_of(counts: dict[str, int]) -> str:
    total, answered = counts["total"], counts["answered"]
    if not total:
        return "preparing"
    if counts["evaluated"] >= total:
        return "figures"
    return f"asking, quarter {min(4, 1 + 4 * answered // total)}"


def told_samples(samples: Sequence[Sample]) -> Generator[str]:
    yield f"  {'phase':<28}{'until s':>9}{'each worker, MB':>20}{'side processes, MB':>20}"
    phases: dict[str, list[Sample]] = {}
    for sample in samples:
        phases.setdefault(sample.phase, []).append(sample)
    for phase, within in phases.items():
        each = [memory for sample in within for memory in sample.workers_mb]
        side = max(sample.side_processes_mb for sample in within)
        memory = f"{min(each):.0f} to {max(each):.0f}" if each else ""
        yield f"  {phase:<28}{within[-1].seconds:>9.1f}{memory:>20}{side:>20.0f}"


def told_pages(during: dict[str, list[float]], after: dict[str, list[float]]) -> Generator[str]:
    yield f"  {'page':<32}{'during, median ms':>18}{'most':>8}{'after, median ms':>18}{'most':>8}"
    for name, seconds in after.items():
        yield f"  {name:<32}{_milliseconds(during.get(name, []), 18)}{_milliseconds(seconds, 18)}"


def _milliseconds(seconds: Sequence[float], width: int) -> str:
    if not seconds:
        return " " * (width + 8)
    return f"{1000 * statistics.median(seconds):>{width}.0f}{1000 * max(seconds):>8.0f}"


async def measure(stack: Stack, console: Console, *, cases: int, file: Path) -> None:
    async with httpx2.AsyncClient(base_url=stack.addresses.api_url, trust_env=False, timeout=120) as api:
        observed = await observe(api, file, cases)
        seconds = observed.samples[-1].seconds
        console.print(f"{cases} cases, one agent: {seconds:.1f} s, {cases / seconds:.0f} a second")
        used = ", ".join(f"{name} {used:.0f}" for name, used in sorted(observed.processor_s.items()) if used >= 1)
        total = sum(observed.processor_s.values())
        console.print(f"  processor time {total:.0f} s ({1e6 * total / cases:.0f} s a million): {used}")
        console.print("\n".join(told_samples(observed.samples)))
        after: defaultdict[str, list[float]] = defaultdict(list)
        for _ in range(5):
            for name, taken in (await read_pages(api, observed.run_id, cases)).items():
                after[name].append(taken)
        console.print("\n".join(told_pages(observed.pages, after)))
    executions = await histories(stack, observed.run_id)
    longest = executions[0]
    console.print(
        f"  {len(executions)} workflow executions, {sum(each.events for each in executions)} events; the longest "
        f"history {longest.events} events, the largest {max(each.size_bytes for each in executions) / MEGABYTE:.2f} MB"
    )
    for name, (rows, indexes) in (await database_bytes(stack)).items():
        console.print(f"  table {name:<10} {rows / MEGABYTE:6.0f} MB of rows, {indexes / MEGABYTE:5.0f} MB of indexes")
    parts = {"PostgreSQL": stack.folder.postgres, "Temporal": stack.folder.temporal_database.parent}
    for name, folder in (parts | {"objects": stack.folder.objects}).items():
        console.print(f"  folder of {name:<11} {await folder_bytes(folder) / MEGABYTE:6.0f} MB")
    async with open_engine(database_url(stack)) as engine:
        began = time.perf_counter()
        rows = await Retention(engine).forget(observed.run_id)
    console.print(f"  forgetting the run: {rows} rows in {time.perf_counter() - began:.1f} s")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=int, default=1_000_000)
    parser.add_argument("--processes", type=int, default=2, help="worker processes")
    parser.add_argument("--folder", type=Path, help="where the temporary folder is made")
    options = parser.parse_args()
    console = Console(highlight=False, soft_wrap=True)

    with tempfile.TemporaryDirectory(dir=options.folder) as temporary:
        folder = Path(temporary)
        file = folder / "cases" / "sums.jsonl"
        file.parent.mkdir()
        write_cases(file, options.cases)

        async def work(stack: Stack) -> int:
            await measure(stack, console, cases=options.cases, file=file)
            return 0

        stack = StackOptions(
            data=folder / "data",
            worker_processes=options.processes,
            environment={"BENCHMARK_LOG_LEVEL": "WARNING", "BENCHMARK_LOCAL_FOLDERS": str(file.parent)},
        )
        code = asyncio.run(run_stack(stack, work, console=console))
    sys.exit(code)


if __name__ == "__main__":
    main()
