"""How fast a run is, submit to completed, with everything on this machine: API, workers, databases, provider.

`python -m benchmarks.throughput` prints, for a provider that answers at once and for one that takes 200 ms: questions
per second, the bare `openai` client loop's in the same minutes, the ratio, the share of the ideal, history events a
question, and the workers' memory. Nothing is kept: the services run in a temporary folder.
"""

import argparse
import asyncio
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import httpx2
import orjson
import psutil
from rich.console import Console
from temporalio.client import Client

from cli.dev import run_stack
from cli.embedded.stack import Stack, StackOptions
from core.model import Model

CONCURRENCY = 100
MEGABYTE = 1024 * 1024


class Measured(Model):
    questions: int
    latency_s: float
    seconds: float
    events: int
    memory_mb: tuple[float, ...]
    """Sum of the workers' resident memory, sampled while the run went on."""
    baseline: float
    """Questions per second of the bare client loop, mean of just before and just after."""

    @property
    def per_second(self) -> float:
        return self.questions / self.seconds

    @property
    def share_of_ideal(self) -> float | None:
        return self.questions * self.latency_s / CONCURRENCY / self.seconds if self.latency_s else None

    def lines(self) -> Generator[str]:
        settled = self.memory_mb[len(self.memory_mb) // 4 :]
        yield f"{self.questions} questions, {CONCURRENCY} at once, provider latency {self.latency_s * 1000:.0f} ms"
        yield f"  submit to completed     {self.seconds:8.1f} s"
        yield f"  questions per second    {self.per_second:8.0f}"
        yield f"  bare openai client loop {self.baseline:8.0f} (one process, keeps nothing, same minutes)"
        yield f"  ratio                   {self.per_second / self.baseline:8.2f}"
        if self.share_of_ideal is not None:
            yield f"  share of the ideal      {self.share_of_ideal:8.1%}"
        yield f"  history events/question {self.events / self.questions:8.3f}"
        yield f"  workers' memory         {settled[0]:8.0f} MB after a quarter, {settled[-1]:.0f} MB at the end"


@contextmanager
def provider(latency_s: float) -> Generator[str]:
    """The URL of a provider process."""
    command = (sys.executable, "-m", "benchmarks.provider", "--latency", str(latency_s))
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield process.stdout.readline().strip()
        finally:
            process.terminate()


def bare_loop(url: str, questions: int) -> float:
    """Questions per second of the baseline, in a process of its own."""
    command = (sys.executable, "-m", "benchmarks.bare_loop", url, "--questions", str(questions))
    output = subprocess.run(
        (*command, "--concurrency", str(CONCURRENCY)), check=True, stdout=subprocess.PIPE, text=True
    )
    return float(output.stdout)


def definition(url: str, questions: int) -> dict[str, object]:
    agent = {"kind": "openai", "model": "sums", "base_url": url}
    return {
        "name": f"sums-{questions}",
        "dataset": {"source": {"kind": "uploaded", "name": f"sums-{questions}"}},
        "agents": [{"name": "sums", "agent": agent, "concurrency": CONCURRENCY}],
        "evaluators": [{"kind": "exact"}],
    }


async def upload(api: httpx2.AsyncClient, questions: int) -> None:
    rows = b"\n".join(
        orjson.dumps({"input": f"{number} + {number}", "expected": str(2 * number)}) for number in range(questions)
    )
    answer = await api.post(
        "/v1/datasets", params={"name": f"sums-{questions}"}, files={"file": (f"sums-{questions}.jsonl", rows)}
    )
    answer.raise_for_status()


async def measure(stack: Stack, *, questions: int, latency_s: float) -> Measured:
    with provider(latency_s) as url:
        sample = min(questions, 3000 if not latency_s else 1000)
        before = await asyncio.to_thread(bare_loop, url, sample)
        async with httpx2.AsyncClient(base_url=stack.addresses.api_url, trust_env=False, timeout=60) as api:
            await upload(api, questions)
            began = time.perf_counter()
            submitted = await api.post("/v1/runs", json=definition(url, questions))
            submitted.raise_for_status()
            run_id = submitted.json()["run_id"]
            memory = await completed(api, run_id)
            seconds = time.perf_counter() - began
        after = await asyncio.to_thread(bare_loop, url, sample)
    return Measured(
        questions=questions,
        latency_s=latency_s,
        seconds=seconds,
        events=await history_events(stack, run_id),
        memory_mb=tuple(memory),
        baseline=statistics.fmean((before, after)),
    )


async def completed(api: httpx2.AsyncClient, run_id: str) -> list[float]:
    """Waits for the run's end; the workers' memory meanwhile. Raises RuntimeError if it did not end well."""
    workers = [each for each in psutil.Process().children(recursive=True) if "worker.main" in each.cmdline()]
    memory: list[float] = []
    while True:
        run = (await api.get(f"/v1/runs/{run_id}")).json()
        memory.append(sum(worker.memory_info().rss for worker in workers) / MEGABYTE)
        if run["status"] in ("completed", "failed", "cancelled"):
            break
        await asyncio.sleep(0.2)
    if run["status"] != "completed" or run["counts"]["answered"] != run["counts"]["total"]:
        raise RuntimeError(f"The run ended as {run['status']}: {run['error']}; {run['counts']}")
    return memory


async def history_events(stack: Stack, run_id: str) -> int:
    client = await Client.connect(stack.addresses.temporal_address)
    described = [await client.get_workflow_handle(name).describe() for name in (run_id, f"{run_id}/0")]
    return sum(each.history_length for each in described)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--questions", type=int, default=20_000)
    parser.add_argument("--slow-questions", type=int, default=10_000, help="with the provider that takes 200 ms")
    parser.add_argument("--processes", type=int, default=2, help="worker processes")
    options = parser.parse_args()
    console = Console(highlight=False)

    async def work(stack: Stack) -> int:
        for questions, latency_s in ((2000, 0.0), (options.questions, 0.0), (options.slow_questions, 0.2)):
            if questions:
                measured = await measure(stack, questions=questions, latency_s=latency_s)
                console.print("\n".join(measured.lines()))
        return 0

    with tempfile.TemporaryDirectory() as folder:
        stack = StackOptions(
            data=Path(folder) / "data",
            worker_processes=options.processes,
            environment={"BENCHMARK_LOG_LEVEL": "WARNING"},
        )
        sys.exit(asyncio.run(run_stack(stack, work, console=console)))


if __name__ == "__main__":
    main()
