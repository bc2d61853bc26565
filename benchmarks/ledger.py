"""What claims cost: one agent's questions asked through crew and lanes into a real PostgreSQL, with and without them.

`python -m benchmarks.ledger` prints, for outcomes alone and for claims and outcomes, questions per second and the CPU
time of a question in this process and in PostgreSQL, and what claims add: once with an agent in this process that costs
nothing, which is the price of claims at its highest, and once with a provider over HTTP, which is what a worker does.

A machine is never quite still, so what is compared are pairs measured one right after the other, every second pair in
the other order; told are the median of the pairs' ratios and its interval. CPU time tells more than speed where the
machine is busy. The last line says if throughput loses at most `--most` by claims, or if that cannot be told.
"""

import argparse
import asyncio
import math
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
from core.budgets import Account, Spent
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
    """`core.ports.Budgets` of a run that may spend what it likes, and is not judged."""

    async def accounts(self, run_id: str) -> Sequence[Account]:
        return ()

    async def charge(self, share: Share, spent: Spent) -> None:
        return


class Plain:
    """`core.ports.Prompter`: the case's input."""

    def question(self, case: Case, *, trial: int, reveal_expected: bool) -> Question:
        return Question(case_id=case.id, messages=(Message(role="user", content=case.input),), trial=trial)


class Pace(NamedTuple):
    per_second: float
    cpu_ms: float
    """Of one question."""


class Middle(NamedTuple):
    """A median and the interval that covers that of all such pairs with 95 % (the sign test turned around: Conover,
    Practical Nonparametric Statistics, 1999, section 3.2); of fewer than six values, from the least to the greatest."""

    value: float
    low: float
    high: float


def middle(values: Sequence[float]) -> Middle:
    ordered, n = sorted(values), len(values)
    below = 0
    while sum(math.comb(n, few) for few in range(below + 1)) / 2**n <= 0.025:
        below += 1
    outside = max(below - 1, 0)
    return Middle(statistics.median(ordered), ordered[outside], ordered[n - 1 - outside])


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


class Compared(NamedTuple):
    """Paces without and with claims, pair by pair."""

    without: Sequence[Pace]
    claimed: Sequence[Pace]

    @property
    def lost(self) -> Middle:
        """The share of the throughput that claims cost."""
        pairs = zip(self.without, self.claimed, strict=True)
        return middle([1 - claimed.per_second / without.per_second for without, claimed in pairs])

    @property
    def added_cpu(self) -> Middle:
        """By which share a question costs more CPU time with claims."""
        pairs = zip(self.without, self.claimed, strict=True)
        return middle([claimed.cpu_ms / without.cpu_ms - 1 for without, claimed in pairs])


async def compare(engine: AsyncEngine, agent: Agent, spec: AgentSpec, *, questions: int, pairs: int) -> Compared:
    without: list[Pace] = []
    claimed: list[Pace] = []
    async with open_ledger(engine, "benchmark") as ledger:
        kinds: list[tuple[Ledger, list[Pace]]] = [(OutcomesOnly(ledger), without), (ledger, claimed)]
        for pair in range(pairs + 1):
            for each, paces in kinds if pair % 2 else reversed(kinds):
                pace = await paced(each, agent, await new_share(engine, spec, questions), spec)
                if pair:
                    # The first pair warms connections, plans and caches.
                    paces.append(pace)
    return Compared(without, claimed)


def told(title: str, compared: Compared, *, most: float | None = None) -> str:
    lost, cpu = compared.lost, compared.added_cpu
    lines = [
        title,
        "                        questions/s  CPU ms/question",
        f"  outcomes alone        {_median(compared.without)}",
        f"  claims and outcomes   {_median(compared.claimed)}",
        f"  claims cost           {lost.value:11.1%}  {cpu.value:15.1%}   median of {len(compared.claimed)} pairs",
        f"  95 % of such medians  {lost.low:.1%} to {lost.high:.1%}; CPU {cpu.low:.1%} to {cpu.high:.1%}",
    ]
    if most is not None:
        lines.append(f"  at most {most:.0%} of the throughput: {_verdict(lost, most)}")
    return "\n".join(lines)


def _median(paces: Sequence[Pace]) -> str:
    per_second, cpu_ms = (statistics.median(figures) for figures in zip(*paces, strict=True))
    return f"{per_second:11.0f}  {cpu_ms:15.3f}"


def _verdict(lost: Middle, most: float) -> str:
    if lost.high <= most:
        return "yes"
    return "no" if lost.low > most else "cannot be told; ask for more --pairs, or wait for a quieter machine"


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
    counted = {"questions": options.questions, "pairs": options.pairs}
    title = f"{options.questions} questions, {CONCURRENCY} at once"
    async with database() as engine, HttpPool(NetworkGuard(("loopback",))) as http:
        spec = AgentSpec(name="sums", agent=PluginSpec(kind="simulated"), concurrency=CONCURRENCY)
        compared = await compare(engine, Ready(), spec, **counted)
        console.print(told(f"{title}, no provider", compared))
        with provider(options.latency) as url:
            given = PluginSpec.model_validate({"kind": "openai", "model": "sums", "base_url": url})
            spec = AgentSpec(name="sums", agent=given, concurrency=CONCURRENCY)
            settings = openai_plugin.settings.model_validate(given.settings)
            agent = openai_plugin.build(settings, AgentContext(http=http, secrets=NoSecrets()))
            compared = await compare(engine, agent, spec, **counted)
        title = f"{title}, provider latency {options.latency * 1000:.0f} ms"
        console.print(told(title, compared, most=options.most))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--questions", type=int, default=4000)
    parser.add_argument("--pairs", type=int, default=12)
    parser.add_argument("--latency", type=float, default=0.0, metavar="SECONDS")
    parser.add_argument("--most", type=float, default=0.1, help="the share of throughput that claims may cost")
    uvloop.run(measure(parser.parse_args()))


if __name__ == "__main__":
    main()
