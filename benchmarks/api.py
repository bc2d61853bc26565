"""How fast the API answers, with everything on this machine: API, worker, databases, and whoever asks.

`python -m benchmarks.api` prints, beside what the same client gets from `GET /health` in the same minute: runs accepted
a second while they are run, pages of a list of many runs, a run read from the record and live, pages of many items.
Nothing is kept: the services run in a temporary folder.
"""

import argparse
import asyncio
import statistics
import sys
import tempfile
import time
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx2
import orjson
import psutil
from rich.console import Console

from adapters.database.connections import raw_connection
from adapters.database.engine import open_engine
from benchmarks.million import write_cases
from cli.dev import run_stack
from cli.embedded.postgres import PostgresCluster
from cli.embedded.stack import DATABASE, Stack, StackOptions
from core.model import Model
from core.runs import ENDED

AT_ONCE = 16
"""Callers of the same moment, where callers are many."""
MANY_RUNS = """
insert into runs (run_id, project_id, name, benchmark_type, status, config, created_at, completed_at)
select 'run_' || lpad(to_hex(number), 26, '0'), project_id, 'many', benchmark_type, 'completed', config,
  created_at - make_interval(secs => number), now()
from runs cross join generate_series(1, $2::int) as number where run_id = $1
"""
THEIR_AGENTS = """
insert into run_agents (run_no, agent_no, name, status, total, answered, evaluated, metrics)
select many.run_no, agent_no, run_agents.name, run_agents.status, total, answered, evaluated, metrics
from runs join run_agents using (run_no) cross join (select run_no from runs where name = 'many') as many
where run_id = $1
"""
"""Copies of a run that has ended, each with its agents and their figures."""


class Timed(Model):
    """Milliseconds of single requests, and the requests a second of all."""

    p50: float
    p95: float
    worst: float
    per_second: float
    server_ms: float
    """CPU time of the API a request."""

    def line(self, what: str, bar: str) -> str:
        return (
            f"{what:46} p50 {self.p50:7.1f} ms  p95 {self.p95:7.1f} ms  worst {self.worst:7.1f} ms  "
            f"{self.per_second:7.0f}/s  API's CPU {self.server_ms:5.2f} ms   {bar}"
        )


async def timed(ask: Callable[[int], Awaitable[Any]], count: int, *, at_once: int, server: psutil.Process) -> Timed:
    """So many requests by so many callers."""
    times: list[float] = []
    numbers = iter(range(count))

    async def caller() -> None:
        for number in numbers:
            began = time.perf_counter()
            await ask(number)
            times.append(1000 * (time.perf_counter() - began))

    used = _used(server)
    began = time.perf_counter()
    async with asyncio.TaskGroup() as group:
        for _ in range(at_once):
            group.create_task(caller())
    seconds = time.perf_counter() - began
    percentiles = statistics.quantiles(times, n=100, method="inclusive")
    return Timed(
        p50=percentiles[49],
        p95=percentiles[94],
        worst=max(times),
        per_second=count / seconds,
        server_ms=1000 * (_used(server) - used) / count,
    )


def _used(process: psutil.Process) -> float:
    """CPU seconds of the process and its children."""
    times = [each.cpu_times() for each in (process, *process.children(recursive=True))]
    return sum(each.user + each.system for each in times)


def definition(rows: int, **agent: Any) -> dict[str, Any]:
    return {
        "name": f"sums-{rows}",
        "dataset": {"source": {"kind": "inline", "rows": [{"input": "1 + 1", "expected": "2"} for _ in range(rows)]}},
        "agents": [{"name": "simulated", "agent": {"kind": "simulated", **agent}}],
        "evaluators": [{"kind": "exact"}],
    }


class Bench:
    def __init__(self, stack: Stack, api: httpx2.AsyncClient, console: Console) -> None:
        self._stack = stack
        self._api = api
        self._console = console
        self._server = next(
            each for each in psutil.Process().children(recursive=True) if {"serve", "api.serve"} & set(each.cmdline())
        )

    async def health(self) -> Timed:
        """What one caller after the other, and many at once, get of the least that can be asked."""
        return await self._timed("GET /health", lambda _: self._get("/health"), 500, bar="the floor")

    async def accepted(self, runs: int) -> None:
        """Runs accepted while others run; waits for their end."""
        body = orjson.dumps(definition(1))
        headers = {"content-type": "application/json"}
        ids: list[str] = []

        async def post(_: int) -> None:
            answer = await self._api.post("/v1/runs", content=body, headers=headers)
            answer.raise_for_status()
            ids.append(answer.json()["run_id"])

        began = time.perf_counter()
        await self._timed("POST /v1/runs, 16 at once", post, runs, at_once=AT_ONCE, bar="bar: 100/s")
        for run_id in ids:
            await self._ended(run_id)
        self._console.print(f"  all {runs} completed after {time.perf_counter() - began:.1f} s")

    async def listed(self, runs: int) -> None:
        run_id = await self._submitted(definition(3))
        await self._ended(run_id)
        await self._copied(run_id, runs)
        cursor: str | None = None

        async def page(_: int) -> None:
            nonlocal cursor
            told = await self._get("/v1/runs", **({} if cursor is None else {"cursor": cursor}))
            cursor = told["next_cursor"]

        await self._timed(f"GET /v1/runs, all pages of 50 of {runs:,}", page, runs // 50, bar="bar: p95 50 ms")
        by_name = self._timed(
            "GET /v1/runs?name=&status=, 50", lambda _: self._get("/v1/runs", name="many"), 100, bar=""
        )
        await by_name
        path = f"/v1/runs/{run_id}"
        await self._timed("GET /v1/runs/{id}, from the record", lambda _: self._get(path), 300, bar="bar: p95 20 ms")

    async def live(self) -> None:
        run_id = await self._submitted(definition(2000, latency_s=1.0))
        path = f"/v1/runs/{run_id}"
        await self._until(run_id, lambda run: run["live"])
        await self._timed("GET /v1/runs/{id}, live", lambda _: self._get(path), 200, bar="bar: p95 60 ms")
        (await self._api.post(f"{path}/cancel")).raise_for_status()
        await self._ended(run_id)

    async def items(self, cases: Path, count: int) -> None:
        write_cases(cases, count)
        body = definition(1, accuracy=0.5) | {"dataset": {"source": {"kind": "file", "path": str(cases)}}}
        run_id = await self._submitted(body)
        await self._ended(run_id)
        cursor: str | None = None

        async def page(_: int) -> None:
            nonlocal cursor
            query = {"limit": 100} | ({} if cursor is None else {"cursor": cursor})
            cursor = (await self._get(f"/v1/runs/{run_id}/items", **query))["next_cursor"]

        await self._timed(f"GET items, all pages of 100 of {count:,}", page, count // 100, bar="bar: p95 300 ms")

        async def wrong(_: int) -> None:
            await self._get(f"/v1/runs/{run_id}/items", correct="false", limit=100)

        await self._timed("GET items?correct=false, 100", wrong, 30, bar="")

    async def _timed(
        self, what: str, ask: Callable[[int], Awaitable[Any]], count: int, *, bar: str, at_once: int = 1
    ) -> Timed:
        found = await timed(ask, count, at_once=at_once, server=self._server)
        self._console.print(found.line(what, bar))
        return found

    async def _get(self, path: str, **query: Any) -> Any:
        answer = await self._api.get(path, params=query)
        answer.raise_for_status()
        return answer.json()

    async def _submitted(self, body: dict[str, Any]) -> str:
        answer = await self._api.post("/v1/runs", json=body)
        answer.raise_for_status()
        return str(answer.json()["run_id"])

    async def _ended(self, run_id: str) -> None:
        await self._until(run_id, lambda run: run["status"] in ENDED)

    async def _until(self, run_id: str, wanted: Callable[[Any], bool]) -> None:
        while True:
            if wanted(await self._get(f"/v1/runs/{run_id}")):
                return
            await asyncio.sleep(0.2)

    async def _copied(self, run_id: str, runs: int) -> None:
        addresses = self._stack.addresses
        url = PostgresCluster(self._stack.folder.postgres, addresses.postgres_port).url(DATABASE)
        async with open_engine(url) as engine, raw_connection(engine) as connection:
            await connection.execute(MANY_RUNS, run_id, runs)
            await connection.execute(THEIR_AGENTS, run_id)


@asynccontextmanager
async def asking(stack: Stack, console: Console) -> AsyncGenerator[Bench]:
    async with httpx2.AsyncClient(base_url=stack.addresses.api_url, trust_env=False, timeout=120) as api:
        yield Bench(stack, api, console)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--accept", type=int, default=1000, metavar="RUNS")
    parser.add_argument("--list", type=int, default=10_000, metavar="RUNS")
    parser.add_argument("--items", type=int, default=50_000, metavar="ITEMS")
    options = parser.parse_args()
    console = Console(highlight=False, width=200)

    async def work(stack: Stack) -> int:
        async with asking(stack, console) as bench:
            await bench.health()
            if options.accept:
                await bench.accepted(options.accept)
            if options.list:
                await bench.listed(options.list)
            await bench.live()
            if options.items:
                await bench.items(cases, options.items)
            await bench.health()
        return 0

    with tempfile.TemporaryDirectory() as folder:
        cases = Path(folder) / "cases" / "sums.jsonl"
        cases.parent.mkdir()
        environment = {"BENCHMARK_LOG_LEVEL": "WARNING", "BENCHMARK_LOCAL_FOLDERS": str(cases.parent)}
        stack = StackOptions(data=Path(folder) / "data", environment=environment)
        sys.exit(asyncio.run(run_stack(stack, work, console=console)))


if __name__ == "__main__":
    main()
