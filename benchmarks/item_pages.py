"""Pages of a run with very many items, filtered and from the middle, without asking a million questions first.

`python -m benchmarks.item_pages` has a run of `--rows` cases prepared and cancelled, writes what it did not ask
(results, scores with one wrong answer in a thousand, calls) straight into the database, and prints how long pages of
its items take over the API: right then, when PostgreSQL knows nothing of the rows yet, and once it has looked at them.
Nothing is kept.
"""

import argparse
import asyncio
import statistics
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx2
from rich.console import Console

from adapters.database.connections import raw_connection
from adapters.database.engine import open_engine
from benchmarks.consumption import database_url
from benchmarks.million import CATEGORIES, ENDED, definition, read_pages, write_cases
from cli.dev import run_stack
from cli.embedded.stack import Stack, StackOptions

TIMES = 7
"""PostgreSQL plans a statement anew until it has seen it five times."""
RESULTS = f"""
insert into results (run_no, agent_no, trial, case_index, case_id, category, status, text, model, input_tokens,
  output_tokens, latency_s, queue_s, calls, round)
select run_no, 0, 0, number, 'sum-' || number, 'category-' || number % {CATEGORIES}, 'answered', (2 * number)::text,
  'simulated', 12, 3, 0.01, 0, 1, 1
from runs cross join generate_series(0, $2::int - 1) as number where run_id = $1 on conflict do nothing
"""
SCORES = """
insert into scores (run_no, agent_no, evaluator, version, trial, case_index, value)
select run_no, 0, evaluator, version, 0, number, case when number % 1000 = 7 then 0 else 1 end
from (select distinct run_no, evaluator, version from scores join runs using (run_no) where run_id = $1) as known
cross join generate_series(0, $2::int - 1) as number
on conflict do nothing
"""
CALLS = """
insert into attempts (run_no, agent_no, trial, case_index, number, fence, owner, finished_at, status)
select run_no, 0, 0, number, 1, -number, 'nobody', now(), 'answered'
from runs cross join generate_series(0, $2::int - 1) as number where run_id = $1 on conflict do nothing
"""


async def measure(stack: Stack, console: Console, *, rows: int, file: Path) -> None:
    async with (
        httpx2.AsyncClient(base_url=stack.addresses.api_url, trust_env=False, timeout=300) as api,
        open_engine(database_url(stack)) as engine,
    ):
        run_id = await prepared(api, file)
        async with raw_connection(engine) as connection:
            for statement in (RESULTS, SCORES, CALLS):
                await connection.execute(statement, run_id, rows)
        unknown = await pages(api, run_id, rows)
        async with raw_connection(engine) as connection:
            await connection.execute("vacuum analyze results, scores, attempts")
        known = await pages(api, run_id, rows)
    console.print(f"{rows:,} items; median and most of {TIMES}, ms{'just written':>24}{'analyzed':>16}")
    for name, seconds in unknown.items():
        console.print(f"  {name:<40}{told(seconds):>28}{told(known[name]):>16}")


async def prepared(api: httpx2.AsyncClient, file: Path) -> str:
    """A run that has its cases and its first answers, and ended then."""
    run_id = str((await api.post("/v1/runs", json=definition(file))).raise_for_status().json()["run_id"])
    await until(api, run_id, lambda run: run["counts"]["answered"] > 0)
    (await api.post(f"/v1/runs/{run_id}/cancel")).raise_for_status()
    await until(api, run_id, lambda run: run["status"] in ENDED)
    return run_id


async def until(api: httpx2.AsyncClient, run_id: str, wanted: Callable[[Any], bool]) -> None:
    while True:
        if wanted((await api.get(f"/v1/runs/{run_id}")).json()):
            return
        await asyncio.sleep(0.2)


async def pages(api: httpx2.AsyncClient, run_id: str, rows: int) -> dict[str, list[float]]:
    taken: defaultdict[str, list[float]] = defaultdict(list)
    for _ in range(TIMES):
        for name, seconds in (await read_pages(api, run_id, rows)).items():
            taken[name].append(seconds)
        began = time.perf_counter()
        (await api.get(f"/v1/runs/{run_id}/items", params={"cause": "timeout"})).raise_for_status()
        taken["items of a cause (there are none)"].append(time.perf_counter() - began)
    return taken


def told(seconds: list[float]) -> str:
    return f"{1000 * statistics.median(seconds):.0f}, {1000 * max(seconds):.0f}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    options = parser.parse_args()
    console = Console(highlight=False, soft_wrap=True)

    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "cases" / "sums.jsonl"
        file.parent.mkdir()
        write_cases(file, options.rows)

        async def work(stack: Stack) -> int:
            await measure(stack, console, rows=options.rows, file=file)
            return 0

        environment = {"BENCHMARK_LOG_LEVEL": "WARNING", "BENCHMARK_LOCAL_FOLDERS": str(file.parent)}
        stack = StackOptions(data=Path(folder) / "data", environment=environment)
        code = asyncio.run(run_stack(stack, work, console=console))
    sys.exit(code)


if __name__ == "__main__":
    main()
