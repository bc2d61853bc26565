"""How well runs share a provider key whose limit nobody told us: a token bucket on loopback, several worker processes.

`python -m benchmarks.limits` starts everything in a temporary folder, lets three runs ask by one key for some minutes,
and prints for the first minute and for the rest: the share of the allowed rate that was used, the share of calls that
were refused, how evenly the runs were served (Jain's index), and whether a case was lost.
"""

import argparse
import asyncio
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import httpx2
import orjson
from rich.console import Console

from cli.dev import run_stack
from cli.embedded.stack import Stack, StackOptions
from core.fairness import jain
from tests.providers import Asked, Provider
from tests.token_bucket import Refusing, TokenBucket

WARM_S = 60.0
RUNS = ("one", "two", "three")


def summed(asked: Asked) -> str:
    return str(sum(int(part) for part in asked.prompt.split("+")))


def definition(url: str, name: str, questions: int) -> dict[str, Any]:
    agent = {"kind": "openai", "model": "sums", "base_url": url}
    return {
        "name": name,
        "dataset": {"source": {"kind": "uploaded", "name": f"sums-{questions}"}},
        "prompt": {"system": name},
        "agents": [{"name": "sums", "agent": agent, "concurrency": 40, "max_attempts": 1}],
        "evaluators": [{"kind": "exact"}],
    }


async def upload(api: httpx2.AsyncClient, questions: int) -> None:
    rows = b"\n".join(orjson.dumps({"input": f"{n} + {n}", "expected": str(2 * n)}) for n in range(questions))
    answer = await api.post(
        "/v1/datasets", params={"name": f"sums-{questions}"}, files={"file": (f"sums-{questions}.jsonl", rows)}
    )
    answer.raise_for_status()


async def measure(stack: Stack, options: argparse.Namespace, console: Console) -> int:
    refusing = Refusing(TokenBucket(options.per_second, options.capacity), summed, retry_after=not options.silent)
    questions = round(options.seconds * options.per_second / len(RUNS))
    async with (
        Provider(refusing, latency_s=options.latency, keep_log=False) as provider,
        httpx2.AsyncClient(base_url=stack.addresses.api_url, trust_env=False, timeout=60) as api,
    ):
        await upload(api, questions)
        started = [await api.post("/v1/runs", json=definition(provider.url, name, questions)) for name in RUNS]
        ended = [await ending(api, run.raise_for_status().json()["run_id"]) for run in started]
    last = min(max(at for at, name in refusing.let_in if name == run) for run in RUNS) - min(
        at for at, _ in refusing.let_in
    )
    for start, stop in ((0.0, min(WARM_S, last)), (WARM_S, last)):
        if stop > start:
            console.print(told(refusing, start, stop, options.per_second))
    lost = sum(run["counts"]["failed"] for run in ended)
    console.print(f"cases: {len(RUNS) * questions}, lost: {lost}, runs: {', '.join(run['status'] for run in ended)}")
    return 1 if lost else 0


def told(refusing: Refusing, start: float, stop: float, per_s: float) -> str:
    let_in, refused = refusing.during(start, stop)
    used = let_in.total() / (per_s * (stop - start))
    share = refused / max(let_in.total() + refused, 1)
    even = jain([let_in[name] for name in RUNS])
    return (
        f"{start:.0f} to {stop:.0f} s: {used:.1%} of the allowed rate used, {share:.2%} of the calls refused, "
        f"Jain's index {even:.4f} ({', '.join(str(let_in[name]) for name in RUNS)} calls)"
    )


async def ending(api: httpx2.AsyncClient, run_id: str) -> dict[str, Any]:
    while True:
        run = (await api.get(f"/v1/runs/{run_id}")).json()
        if run["status"] in ("completed", "failed", "cancelled"):
            return run
        await asyncio.sleep(0.5)


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--per-second", type=float, default=50.0, help="what the bucket lets in")
    parser.add_argument("--capacity", type=float, default=50.0, help="and at once after a rest")
    parser.add_argument("--latency", type=float, default=0.5, help="of an answer, in seconds")
    parser.add_argument("--seconds", type=float, default=180.0, help="how long the runs would take at that rate")
    parser.add_argument("--processes", type=int, default=3, help="worker processes")
    parser.add_argument("--silent", action="store_true", help="refusals do not say when to come back")
    options = parser.parse_args(arguments)
    console = Console(highlight=False)

    async def work(stack: Stack) -> int:
        return await measure(stack, options, console)

    with tempfile.TemporaryDirectory() as folder:
        stack = StackOptions(
            data=Path(folder) / "data",
            worker_processes=options.processes,
            environment={"BENCHMARK_LOG_LEVEL": "WARNING"},
        )
        sys.exit(asyncio.run(run_stack(stack, work, console=console)))


if __name__ == "__main__":
    main()
