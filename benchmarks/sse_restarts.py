"""Whether readers of events miss or repeat any while the API processes they read from are killed.

`python -m benchmarks.sse_restarts`: several API processes are killed (SIGKILL) and replaced, `--kills` times,
while readers of all events and of single runs come back with the last id they have. In the end what each has read is
held against the outbox. Then one process gets readers that never read and readers that are cut off, and its memory and
its connections are measured. The processes are forked from one that has loaded the service, so that a start is quick.
"""

import argparse
import asyncio
import multiprocessing
import os
import random
import sys
import tempfile
import time
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import httpx2
import psutil
from rich.console import Console
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from adapters.database.connections import raw_connection
from adapters.database.engine import open_engine
from adapters.database.runs import RunRepository
from adapters.database.schema import upgrade
from benchmarks.consumption import MEGABYTE
from benchmarks.event_readers import Reader, deaf, fleeting, hungry
from cli.embedded.postgres import PostgresCluster
from cli.embedded.processes import ServiceProcess
from cli.embedded.sockets import free_port
from core.benchmarks import BenchmarkDefinition
from core.ids import DEFAULT_PROJECT, new_id

PROCESSES = 4
WRITERS = 6
STEPS = 30
"""Events of a run before its last one: it lives through some kills."""
DEAF_S = 45.0
"""Longer than the API waits for a reader who takes nothing."""
MANY = """
insert into run_events (project_id, run_id, subject, source, type, data)
select project_id, run_id, run_id, '/v1/runs/' || run_id, 'run.paused', '{"waits_for": null, "reason": null}'
from (select * from runs limit 1) as any_run cross join generate_series(1, 20000)
"""
"""More events than fit between a process and a reader who reads none."""
CONFIG = BenchmarkDefinition.model_validate(
    {
        "name": "told",
        "dataset": {"source": {"kind": "inline", "rows": [{"input": "1 + 1", "expected": "2"}]}},
        "agents": [{"name": "simulated", "agent": {"kind": "simulated"}}],
        "evaluators": [{"kind": "exact"}],
    }
)


def serve_on(port: int) -> None:
    """In a process of its own: what `benchmark serve` does."""
    from api.serve import serve
    from core.settings import Settings

    sys.exit(serve(Settings(api_port=port)))


class Apis:
    """The API processes, each behind an address of its own that its successor takes over."""

    def __init__(self, count: int) -> None:
        self._forks = multiprocessing.get_context("forkserver")
        self._forks.set_forkserver_preload(["api.app", "api.serve", "uvicorn.protocols.http.httptools_impl", "uvloop"])
        self._ports = [free_port() for _ in range(count)]
        self._running: dict[int, Any] = {}
        self.urls = [f"http://127.0.0.1:{port}" for port in self._ports]

    async def start(self, number: int) -> psutil.Process:
        """Returns when it answers."""
        process = self._forks.Process(target=serve_on, args=(self._ports[number],), daemon=True)
        process.start()
        self._running[number] = process
        async with httpx2.AsyncClient(trust_env=False, timeout=5) as client:
            while True:
                try:
                    (await client.get(f"{self.urls[number]}/health")).raise_for_status()
                    return psutil.Process(process.pid)
                except httpx2.HTTPError:
                    if not process.is_alive():
                        raise RuntimeError(f"An API process ended with {process.exitcode}.") from None
                    await asyncio.sleep(0.05)

    def kill(self, number: int) -> None:
        process = self._running.pop(number)
        process.kill()
        process.join()

    def end(self) -> None:
        for number in list(self._running):
            self.kill(number)


@asynccontextmanager
async def opened(folder: Path) -> AsyncGenerator[tuple[Apis, AsyncEngine]]:
    """A database and API processes; everything ended afterwards."""
    async with AsyncExitStack() as stack:
        cluster = PostgresCluster(folder / "postgres", free_port())
        cluster.prepare()
        database = ServiceProcess(cluster.service(), folder / "postgres.log")
        stack.push_async_callback(database.stop)
        await database.until_healthy()
        await cluster.ensure_database("benchmark")
        engine = await stack.enter_async_context(open_engine(cluster.url("benchmark"), pool_size=WRITERS))
        await upgrade(engine)
        os.environ |= {
            "DATABASE_URL": cluster.url("benchmark"),
            "BENCHMARK_STORAGE_URL": (folder / "objects").as_uri(),
            # Nothing is started here, so there is nothing to watch over, and no Temporal.
            "BENCHMARK_API_WATCHES": "false",
            "TEMPORAL_ADDRESS": f"127.0.0.1:{free_port()}",
            "BENCHMARK_LOG_LEVEL": "CRITICAL",
        }
        apis = Apis(PROCESSES)
        stack.callback(apis.end)
        await asyncio.gather(*(apis.start(number) for number in range(PROCESSES)))
        yield apis, engine


class Told:
    """What readers of single runs have read, by run."""

    def __init__(self) -> None:
        self.of_runs: dict[str, Reader] = {}
        self.stop = asyncio.Event()


async def write(runs: RunRepository, apis: Apis, told: Told, chance: random.Random) -> None:
    """One run after the other, each with a reader of its own, until told to stop."""
    while not told.stop.is_set():
        run_id = (await runs.create(new_id("run"), CONFIG, project_id=DEFAULT_PROJECT)).run_id
        reader = told.of_runs[run_id] = Reader(apis.urls, f"/v1/runs/{run_id}/events", chance)
        async with asyncio.TaskGroup() as group:
            group.create_task(reader.read())
            for step in range(STEPS):
                await asyncio.sleep(chance.uniform(0, 0.4))
                await runs.note(run_id, "paused" if step % 2 == 0 else "processing")
            await runs.note(run_id, "cancelled")


async def kill_each(apis: Apis, kills: int, chance: random.Random, console: Console) -> int:
    """Each process by itself, so that now and then none is left; how many were killed."""
    killed = 0

    async def kill_again_and_again(which: int) -> None:
        nonlocal killed
        while killed < kills:
            await asyncio.sleep(chance.uniform(0.2, 3))
            apis.kill(which)
            killed += 1
            if killed % 20 == 0:
                console.print(f"  {killed} killed")
            await apis.start(which)

    async with asyncio.TaskGroup() as group:
        for which in range(PROCESSES):
            group.create_task(kill_again_and_again(which))
    return killed


async def restarts(apis: Apis, engine: AsyncEngine, kills: int, chance: random.Random, console: Console) -> int:
    """Prints what came of it; how many events were missed, repeated or out of order, over all readers."""
    told, runs = Told(), RunRepository(engine)
    readers = [Reader(apis.urls, "/v1/events", chance, slowness_s=slow) for slow in (0, 0, 0, 0, 0.01, 0.02)]
    end: asyncio.Future[int] = asyncio.get_running_loop().create_future()
    began = time.perf_counter()
    async with asyncio.TaskGroup() as group:
        writing = [group.create_task(write(runs, apis, told, chance)) for _ in range(WRITERS)]
        for reader in readers:
            group.create_task(reader.read(end))
        killed = await kill_each(apis, kills, chance, console)
        told.stop.set()
        await asyncio.wait(writing)
        end.set_result((await rows(engine, "select last from event_positions"))[0][0])
    of_runs: dict[str, list[int]] = {}
    for run_id, position in await rows(engine, "select run_id, position from run_events order by position"):
        of_runs.setdefault(run_id, []).append(position)
    pairs = [(reader.ids, list(range(1, end.result() + 1))) for reader in readers]
    pairs += [(reader.ids, of_runs[run_id]) for run_id, reader in told.of_runs.items()]
    everyone = [*readers, *told.of_runs.values()]
    missed = sum(len({*wanted} - {*read}) for read, wanted in pairs)
    repeated = sum(len(read) - len({*read}) for read, _ in pairs)
    odd = sum(read != wanted for read, wanted in pairs)
    console.print(
        f"{killed} API processes killed in {time.perf_counter() - began:.0f} s; {end.result():,} events of "
        f"{len(of_runs)} runs; {len(readers)} readers of all and {len(told.of_runs)} of single runs opened "
        f"{sum(reader.streams for reader in everyone):,} streams and read {sum(len(read) for read, _ in pairs):,} "
        f"events: {missed} missed, {repeated} repeated, {odd} readers with anything else than the outbox has"
    )
    return missed + repeated + odd


async def rows(engine: AsyncEngine, query: str) -> Any:
    async with engine.connect() as connection:
        return (await connection.execute(text(query))).all()


class Watched:
    """One API process, its memory, its connections to the database, and its streams."""

    def __init__(self, url: str, process: psutil.Process, engine: AsyncEngine) -> None:
        self.url = url
        self._process = process
        self._engine = engine

    async def line(self, what: str) -> str:
        """The connections of the database are those of all processes, this one's included."""
        sessions = await rows(self._engine, "select count(*) from pg_stat_activity where datname = current_database()")
        async with httpx2.AsyncClient(base_url=self.url, trust_env=False, timeout=30) as client:
            metrics = (await client.get("/metrics")).text.splitlines()
        said = {line.rsplit(" ", 1)[0]: float(line.rsplit(" ", 1)[1]) for line in metrics if not line.startswith("#")}
        memory = self._process.memory_info().rss / MEGABYTE
        slow = said.get('benchmark_event_streams_total{why="reader too slow"}', 0)
        return (
            f"{what:<40} {memory:6.0f} MB  {sessions[0][0]:3} connections  {self._process.num_fds():4} descriptors  "
            f"{said['benchmark_event_readers']:4.0f} readers  "
            f"{slow:4.0f} left as too slow"
        )


async def catching_up(watched: Watched, engine: AsyncEngine, readers: int, console: Console) -> None:
    """Prints how long `/health` takes while so many read everything at once, and by itself."""
    last = (await rows(engine, "select last from event_positions"))[0][0]
    waits: list[float] = []
    async with httpx2.AsyncClient(base_url=watched.url, trust_env=False, timeout=60) as client:

        async def ask() -> None:
            began = time.perf_counter()
            (await client.get("/health")).raise_for_status()
            waits.append(time.perf_counter() - began)

        for _ in range(20):
            await ask()
        alone, began = sorted(waits)[10], time.perf_counter()
        waits.clear()
        reading = [asyncio.create_task(hungry(watched.url, last)) for _ in range(readers)]
        while not all(task.done() for task in reading):
            await ask()
            await asyncio.sleep(0.02)
        await asyncio.gather(*reading)
    took, waits = time.perf_counter() - began, sorted(waits)
    console.print(
        f"{readers} readers read {last:,} events each in {took:.1f} s ({readers * last / took:,.0f} a second); "
        f"/health took {1000 * alone:.1f} ms before, {1000 * waits[len(waits) // 2]:.1f} ms meanwhile "
        f"({len(waits)} times), {1000 * waits[-1]:.1f} ms at most"
    )
    console.print(await watched.line("after they have read everything"))


async def crowds(apis: Apis, engine: AsyncEngine, *, cut_off: int, never_reading: int, console: Console) -> None:
    """Prints what readers who behave badly leave behind in a fresh process."""
    async with raw_connection(engine) as connection:
        await connection.execute(MANY)
    apis.kill(0)
    watched = Watched(apis.urls[0], await apis.start(0), engine)
    await asyncio.gather(*(fleeting(watched.url) for _ in range(50)))
    await asyncio.sleep(1)
    console.print(await watched.line("after 50 readers were cut off"))
    await catching_up(watched, engine, 100, console)
    for part in range(2):
        for _ in range(cut_off // 100):
            await asyncio.gather(*(fleeting(watched.url) for _ in range(50)))
        await asyncio.sleep(1)
        console.print(await watched.line(f"after {50 + (part + 1) * (cut_off // 100) * 50:,}"))
    sockets = [deaf(watched.url) for _ in range(never_reading)]
    for seconds in (5.0, 20.0):
        await asyncio.sleep(seconds)
        console.print(await watched.line(f"{never_reading} readers who never read, after {seconds:.0f} s more"))
    await asyncio.sleep(DEAF_S - 25)
    console.print(await watched.line("after 20 s more"))
    for each in sockets:
        each.close()
    await asyncio.sleep(2)
    console.print(await watched.line("and when they have gone"))


async def trial(folder: Path, options: argparse.Namespace, console: Console) -> int:
    chance = random.Random(options.seed)
    async with opened(folder) as (apis, engine):
        wrong = await restarts(apis, engine, options.kills, chance, console)
        await crowds(apis, engine, cut_off=options.cut_off, never_reading=options.never_reading, console=console)
    return wrong


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=120)
    parser.add_argument("--cut-off", type=int, default=2000, help="readers who are cut off")
    parser.add_argument("--never-reading", type=int, default=200, help="readers who never read")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        # The database server may run as another user.
        Path(folder).chmod(0o755)
        wrong = asyncio.run(trial(Path(folder), options, Console(highlight=False, soft_wrap=True)))
    sys.exit(bool(wrong))


if __name__ == "__main__":
    main()
