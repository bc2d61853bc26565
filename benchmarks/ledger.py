"""What claims cost: one agent's questions asked through crew and lanes into a real PostgreSQL, with and without them.

`python -m benchmarks.ledger` prints, for outcomes alone and for claims and outcomes, questions per second and the CPU
time of a question in this process and in PostgreSQL, and their ratios: once with an agent in this process that costs
nothing, which is the price of claims at its highest, and once with a provider over HTTP, which is what a worker does.
Both kinds take turns, so that a busy machine slows them alike; CPU time tells more than speed where it is busy.
"""

import argparse
import asyncio
import statistics
import tempfile
import time
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import NamedTuple

import psutil
import uvloop
from rich.console import Console
from sqlalchemy.ext.asyncio import AsyncEngine

from activities.admission import Admission
from activities.budgeting import BudgetGate
from activities.crew import Crew
from activities.lanes import LanePool
from activities.questioning import Questioner
from adapters.agents.openai import plugin as openai_plugin
from adapters.database.engine import open_engine
from adapters.database.ledger import PostgresLedger, open_ledger
from adapters.database.runs import RunRepository
from adapters.database.schema import upgrade
from adapters.network.guard import NetworkGuard
from adapters.network.transport import HttpPool
from benchmarks.throughput import provider
from cli.embedded.postgres import PostgresCluster
from cli.embedded.processes import ServiceProcess
from cli.embedded.sockets import free_port
from core.benchmarks import AgentSpec, BenchmarkDefinition, DatasetSpec, Evaluation
from core.budgets import Account
from core.cases import Case, Message, Question, Reply, Usage
from core.claims import NO_CALL, Claim, Delivery, Granted
from core.ids import DEFAULT_PROJECT, new_id
from core.outcomes import Item, ItemKey
from core.plugins import PluginSpec
from core.ports import Agent, AgentContext, Ledger
from core.work import Batch, Settled, Share

CONCURRENCY = 100


class OutcomesOnly:
    """`core.ports.Ledger` without claims: each outcome is written, and nothing before it."""

    fenced = False

    def __init__(self, ledger: PostgresLedger) -> None:
        self._ledger = ledger

    async def settled(self, batch: Batch) -> tuple[set[ItemKey], Settled]:
        return await self._ledger.settled(batch)

    async def ever_answered(self, share: Share) -> bool:
        return await self._ledger.ever_answered(share)

    async def claim(self, share: Share, key: ItemKey, *, delivery: Delivery = "at_least_once") -> Claim:
        return Granted(NO_CALL)

    async def release(self, share: Share, key: ItemKey, fence: int, detail: str, *, sent: bool = True) -> None:
        return

    def abandon(self, fence: int) -> None:
        return

    async def settle(self, share: Share, fence: int, item: Item) -> bool:
        return await self._ledger.settle(share, NO_CALL, item)


class Ready:
    """An agent that has its answer at once."""

    async def ask(self, question: Question) -> Reply:
        return Reply(text="42", usage=Usage(input_tokens=9, output_tokens=1), latency_s=0.001)


class Unlimited:
    """`core.ports.Budgets` of a run that may spend what it likes."""

    async def accounts(self, run_id: str) -> Sequence[Account]:
        return ()


class Plain:
    """`core.ports.Prompter`: the case's input."""

    def question(self, case: Case, *, trial: int, reveal_expected: bool) -> Question:
        return Question(case_id=case.id, messages=(Message(role="user", content=case.input),), trial=trial)


class Pace(NamedTuple):
    per_second: float
    cpu_ms: float
    """Of one question."""


async def paced(ledger: Ledger, agent: Agent, share: Share, spec: AgentSpec) -> Pace:
    questions = [
        (ItemKey(0, index), Case(id=f"sum-{index}", input=f"{index} + {index}", expected=str(2 * index)))
        for index in range(share.case_count)
    ]
    stop = asyncio.Event()
    questioner = Questioner(
        agent=agent,
        prompter=Plain(),
        ledger=ledger,
        share=share,
        spec=spec,
        admission=Admission(None, None, longest_wait_s=0.0),
        budget=BudgetGate(Unlimited(), share),
        delivery="at_least_once",
        reveal_expected=False,
        stop=stop,
    )
    async with LanePool().joined((share.run_no, 0), CONCURRENCY) as lanes:
        crew = Crew(questioner, lanes, stop)
        began, used = time.perf_counter(), cpu_s()
        finished = await crew.work_through(questions)
        seconds, used = time.perf_counter() - began, cpu_s() - used
    if not finished or crew.answered != share.case_count:
        raise RuntimeError(f"Only {crew.answered} of {share.case_count} questions were answered.")
    return Pace(share.case_count / seconds, 1000 * used / share.case_count)


def cpu_s() -> float:
    """Used so far by this process and by every PostgreSQL process below it; not by the provider."""
    used = time.process_time()
    for process in psutil.Process().children(recursive=True):
        with suppress(psutil.Error):
            if process.name() == "postgres":
                times = process.cpu_times()
                used += times.user + times.system
    return used


async def new_share(engine: AsyncEngine, spec: AgentSpec, questions: int) -> Share:
    runs = RunRepository(engine)
    config = BenchmarkDefinition(
        name="sums",
        dataset=DatasetSpec(source=PluginSpec(kind="inline")),
        agents=(spec,),
        evaluators=(Evaluation(kind="exact"),),
    )
    run = await runs.create(new_id("run"), config, project_id=DEFAULT_PROJECT)
    return Share(run_id=run.run_id, run_no=await runs.number(run.run_id), agent_no=0, case_count=questions)


async def compare(engine: AsyncEngine, agent: Agent, spec: AgentSpec, *, questions: int, turns: int) -> Sequence[Pace]:
    """The pace without and with claims, the medians of so many turns each."""
    paces: tuple[list[Pace], list[Pace]] = ([], [])
    async with open_ledger(engine, "benchmark") as ledger:
        for turn in range(turns + 1):
            for place, each in enumerate((OutcomesOnly(ledger), ledger)):
                pace = await paced(each, agent, await new_share(engine, spec, questions), spec)
                if turn:
                    # The first turn warms connections, plans and caches.
                    paces[place].append(pace)
    return [Pace(*(statistics.median(figures) for figures in zip(*each, strict=True))) for each in paces]


def told(title: str, without: Pace, claimed: Pace) -> str:
    return (
        f"{title}\n                        questions/s  CPU ms/question\n"
        f"  outcomes alone        {without.per_second:11.0f}  {without.cpu_ms:15.3f}\n"
        f"  claims and outcomes   {claimed.per_second:11.0f}  {claimed.cpu_ms:15.3f}\n"
        f"  ratio                 {claimed.per_second / without.per_second:11.2f}"
        f"  {claimed.cpu_ms / without.cpu_ms:15.2f}"
    )


@asynccontextmanager
async def database() -> AsyncGenerator[AsyncEngine]:
    """A PostgreSQL as `benchmark dev` runs it, migrated and thrown away."""
    with tempfile.TemporaryDirectory() as folder:
        cluster = PostgresCluster(Path(folder) / "postgres", free_port())
        cluster.prepare()
        process = ServiceProcess(cluster.service(), Path(folder) / "postgres.log")
        try:
            await process.until_healthy()
            async with open_engine(cluster.url()) as engine:
                await upgrade(engine)
                yield engine
        finally:
            await process.stop()


class NoSecrets:
    async def reveal(self, name: str, *, origin: str) -> str:
        raise NotImplementedError(f"The provider of this benchmark wants no credential, not even {name!r}.")


async def measure(options: argparse.Namespace) -> None:
    console = Console(highlight=False)
    async with database() as engine, HttpPool(NetworkGuard(("loopback",))) as http:
        spec = AgentSpec(name="sums", agent=PluginSpec(kind="simulated"), concurrency=CONCURRENCY)
        figures = await compare(engine, Ready(), spec, questions=options.questions, turns=options.turns)
        console.print(told(f"{options.questions} questions, {CONCURRENCY} at once, no provider", *figures))
        with provider(options.latency) as url:
            given = PluginSpec.model_validate({"kind": "openai", "model": "sums", "base_url": url})
            spec = AgentSpec(name="sums", agent=given, concurrency=CONCURRENCY)
            settings = openai_plugin.settings.model_validate(given.settings)
            agent = openai_plugin.build(settings, AgentContext(http=http, secrets=NoSecrets()))
            figures = await compare(engine, agent, spec, questions=options.questions, turns=options.turns)
        title = f"{options.questions} questions, {CONCURRENCY} at once, provider latency"
        console.print(told(f"{title} {options.latency * 1000:.0f} ms", *figures))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--questions", type=int, default=4000)
    parser.add_argument("--turns", type=int, default=3)
    parser.add_argument("--latency", type=float, default=0.0, metavar="SECONDS")
    uvloop.run(measure(parser.parse_args()))


if __name__ == "__main__":
    main()
