"""Whether a schedule misses or doubles a run while everything around it restarts.

`python -m benchmarks.schedule_restarts`: a schedule of every minute goes on for `--minutes`, on real processes of its
own: API, worker, Temporal and PostgreSQL. Meanwhile API, worker and Temporal are killed or stopped by turns and started
again after a while: every second time across the turn of a minute, when a run is due. In the end every minute has
exactly one run, or the difference is told.
"""

import argparse
import asyncio
import os
import sys
import tempfile
import time
from collections import Counter
from collections.abc import AsyncGenerator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

import httpx2
from rich.console import Console

from adapters.database.engine import open_engine
from adapters.database.schema import upgrade
from cli.embedded.postgres import PostgresCluster
from cli.embedded.processes import Service, ServiceProcess
from cli.embedded.sockets import free_port
from cli.embedded.temporal import TemporalServer

Say = Callable[[str], None]
PARTS = ("api", "worker", "temporal")
LONGEST_AWAY_S = 25.0
LAST_RUNS_S = 180.0
"""After the last minute: everything is up again, and what is under way may end."""
RUN = {
    "name": "minute by minute",
    "dataset": {"source": {"kind": "inline", "rows": [{"input": "1 + 1", "expected": "2"}]}},
    "agents": [{"name": "simulated", "agent": {"kind": "simulated"}}],
    "evaluators": [{"kind": "exact"}],
}


class Site:
    """The processes, by name; each can go and come back."""

    def __init__(self, folder: Path, *, database_url: str, temporal: TemporalServer) -> None:
        self._folder = folder
        self.port = free_port()
        environment = os.environ | {
            "DATABASE_URL": database_url,
            "TEMPORAL_ADDRESS": temporal.address,
            "TEMPORAL_NAMESPACE": "default",
            "BENCHMARK_STORAGE_URL": (folder / "objects").as_uri(),
            "BENCHMARK_STALL_DEADLINE_S": "20",
            "BENCHMARK_LOG_LEVEL": "WARNING",
        }
        serve = (sys.executable, "-m", "cli.main", "serve", "--port", str(self.port))
        self._services: dict[str, Service] = {
            "temporal": temporal.service(),
            "worker": Service(
                name="worker", command=(sys.executable, "-m", "worker.main"), environment=environment, grace_s=40
            ),
            "api": Service(name="api", command=serve, environment=environment, healthy=self._answers),
        }
        self._running: dict[str, ServiceProcess] = {}

    async def start(self, name: str) -> None:
        process = self._running[name] = ServiceProcess(self._services[name], self._folder / f"{name}.log")
        await process.until_healthy()

    async def end(self, name: str, *, politely: bool) -> None:
        process = self._running.pop(name)
        if politely:
            await process.stop()
        else:
            process.kill()

    def end_all(self) -> None:
        for process in self._running.values():
            process.kill()

    async def get(self, path: str) -> Any:
        async with httpx2.AsyncClient(base_url=f"http://127.0.0.1:{self.port}", trust_env=False, timeout=30) as client:
            return (await client.get(path)).raise_for_status().json()

    async def post(self, path: str, body: Any) -> Any:
        async with httpx2.AsyncClient(base_url=f"http://127.0.0.1:{self.port}", trust_env=False, timeout=30) as client:
            return (await client.post(path, json=body)).raise_for_status().json()

    async def _answers(self) -> bool:
        try:
            return bool(await self.get("/health"))
        except httpx2.HTTPError:
            return False


@asynccontextmanager
async def opened(folder: Path) -> AsyncGenerator[Site]:
    """Everything up; everything ended afterwards."""
    async with AsyncExitStack() as stack:
        cluster = PostgresCluster(folder / "postgres", free_port())
        cluster.prepare()
        database = ServiceProcess(cluster.service(), folder / "postgres.log")
        stack.push_async_callback(database.stop)
        await database.until_healthy()
        await cluster.ensure_database("benchmark")
        async with open_engine(cluster.url("benchmark")) as engine:
            await upgrade(engine)
        temporal = TemporalServer(port=free_port(), ui_port=None, database=folder / "temporal.db")
        site = Site(folder, database_url=cluster.url("benchmark"), temporal=temporal)
        stack.callback(site.end_all)
        for name in ("temporal", "worker", "api"):
            await site.start(name)
        yield site


async def restarts(site: Site, until: float, chance: Random, every_s: float, say: Say) -> Counter[str]:
    """One part after the other goes and comes back, until then; how often, by part and manner."""
    done: Counter[str] = Counter()
    while time.time() < until:
        part, politely = PARTS[sum(done.values()) % 3], chance.random() < 0.4
        due = every_s - time.time() % every_s
        # Every second time so that it is away at the turn.
        wait = max(0.0, due - chance.uniform(1, 8)) if chance.random() < 0.5 else chance.uniform(5, 25)
        await asyncio.sleep(wait)
        away = chance.uniform(1, LONGEST_AWAY_S)
        say(f"{datetime.now(UTC):%H:%M:%S} {part} {'stopped' if politely else 'killed'}, away for {away:.0f} s")
        await site.end(part, politely=politely)
        await asyncio.sleep(away)
        await site.start(part)
        done[f"{part} {'stopped' if politely else 'killed'}"] += 1
    return done


async def trial(folder: Path, *, minutes: float, every_s: int, seed: int, say: Say) -> dict[str, Any]:
    """Goes through it, and says what came of every time."""
    async with opened(folder) as site:
        when = {"cron": ["* * * * *"]} if every_s == 60 else {"intervals": [{"every_s": every_s}]}
        body = {"name": "restarts", "run": RUN, "when": when, "overlap": "allow_all"}
        await site.post("/v1/schedules", body)
        first = _next(datetime.now(UTC), every_s)
        times = [first + number * timedelta(seconds=every_s) for number in range(round(minutes * 60 / every_s))]
        ends = times[-1].timestamp() + every_s / 2
        done = await restarts(site, ends, Random(seed), every_s, say)
        ticks = await _settled(site, times[-1])
        runs, events = await all_of(site, "/v1/runs?"), await all_of(site, "/v1/events?")
        return _report(times, ticks, runs, events, done)


def _next(moment: datetime, every_s: int) -> datetime:
    return datetime.fromtimestamp((moment.timestamp() // every_s + 1) * every_s, UTC)


async def _settled(site: Site, last: datetime) -> list[dict[str, Any]]:
    """What is recorded of each time once all runs have ended, or after a while."""
    deadline = time.monotonic() + LAST_RUNS_S
    while True:
        ticks = await all_of(site, "/v1/schedules/restarts/runs?")
        there = any(datetime.fromisoformat(each["scheduled_at"]) >= last for each in ticks)
        if (there and all(each["run_status"] == "completed" for each in ticks)) or time.monotonic() > deadline:
            return ticks
        await asyncio.sleep(1)


async def all_of(site: Site, path: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    cursor = ""
    while True:
        page = await site.get(f"{path}limit=200{cursor}")
        found += page["items"]
        if not page.get("next_cursor"):
            return found
        cursor = f"&cursor={page['next_cursor']}"


def _report(
    times: list[datetime],
    ticks: list[dict[str, Any]],
    runs: list[dict[str, Any]],
    events: list[dict[str, Any]],
    done: Counter[str],
) -> dict[str, Any]:
    recorded = Counter(datetime.fromisoformat(each["scheduled_at"]) for each in ticks)
    wanted = set(times)
    inside = [each for each in ticks if datetime.fromisoformat(each["scheduled_at"]) in wanted]
    late = sorted(
        (datetime.fromisoformat(each["recorded_at"]) - datetime.fromisoformat(each["scheduled_at"])).total_seconds()
        for each in inside
    )
    told = Counter(each["type"] for each in events if each["type"].startswith("schedule."))
    return {
        "times": len(times),
        "runs of them": len({each["run_id"] for each in inside if each["run_id"]}),
        "missed": len(wanted - recorded.keys()),
        "doubled": sum(count - 1 for count in recorded.values()) + len(runs) - len({run["run_id"] for run in runs}),
        "runs without a time": len({run["run_id"] for run in runs} - {each["run_id"] for each in ticks}),
        "completed": sum(each["run_status"] == "completed" for each in inside),
        "accepted after, median s": round(late[len(late) // 2], 2) if late else None,
        "accepted after, longest s": round(late[-1], 2) if late else None,
        "restarts": dict(sorted(done.items())),
        "events": dict(told),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=30.0)
    parser.add_argument("--every", type=int, default=60, help="Seconds between two times.")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--folder", type=Path, help="Where logs are kept; a temporary folder without it.")
    told = parser.parse_args()
    console = Console(highlight=False)
    with tempfile.TemporaryDirectory() as temporary:
        folder = told.folder or Path(temporary)
        # The database server may run as another user.
        folder.mkdir(parents=True, exist_ok=True)
        folder.chmod(0o755)
        found = asyncio.run(trial(folder, minutes=told.minutes, every_s=told.every, seed=told.seed, say=console.print))
    for name, value in found.items():
        console.print(f"{name:<28} {value}", soft_wrap=True)
    sys.exit(bool(found["missed"] or found["doubled"] or found["runs without a time"]))


if __name__ == "__main__":
    main()
