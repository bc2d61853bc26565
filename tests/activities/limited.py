"""A provider key that many processes share, in virtual time: the desks are real, the record is in memory."""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field

from activities.admission import Admission, Limiter
from core.benchmarks import AgentSpec
from core.cases import Usage
from core.errors import BenchmarkError
from core.key_state import KeyState, Stake
from core.limits import NO_LIMITS, Allowance, Asker, Limits, ProviderKey, Report
from core.plugins import PluginSpec
from core.sharing import LEASE_S, exchange

KEY = ProviderKey(key_id="key_0", origin="https://models.example.com:443", credential="lab", model="large")
SPEC = AgentSpec(name="agent", agent=PluginSpec(kind="openai"))
Answer = Callable[[float], BenchmarkError | None]
"""What the provider says to a call at this moment."""


def now() -> float:
    return asyncio.get_running_loop().time()


class OneKey:
    """`core.ports.ProviderKeys`: every agent has the same."""

    async def key_of(self, spec: AgentSpec) -> ProviderKey:
        return KEY


@dataclass
class MemoryLimits:
    """`core.ports.SharedLimits` as the database keeps them, with a way there that takes a moment."""

    state: KeyState = field(default_factory=KeyState)
    stakes: list[Stake] = field(default_factory=list[Stake])
    way_s: float = 0.002
    exchanges: int = 0

    async def exchange(self, key: ProviderKey, report: Report) -> Allowance:
        await asyncio.sleep(self.way_s)
        self.exchanges += 1
        live = [stake for stake in self.stakes if stake.seen_at > now() - LEASE_S]
        others = [stake for stake in live if stake.owner != report.owner]
        own = [stake for stake in live if stake.owner == report.owner]
        self.state, kept, allowance = exchange(self.state, others, own, report, now())
        self.stakes = [*others, *kept]
        await asyncio.sleep(self.way_s)
        return allowance


@dataclass
class Call:
    at: float
    run: str
    error: BenchmarkError | None


@dataclass
class Run:
    """Asks without end, so many calls at once in each process."""

    name: str
    lanes: int = 8
    weight: float = 1.0
    project: str = "default"
    limits: Limits = NO_LIMITS
    starts_at: float = 0.0
    pause_s: float = 0.0
    """Between a lane's calls."""


@dataclass
class Machine:
    answer: Answer
    latency_s: float = 0.2
    limits: MemoryLimits = field(default_factory=MemoryLimits)
    calls: list[Call] = field(default_factory=list[Call])
    in_flight: int = 0
    most_in_flight: int = 0

    async def work(self, runs: Sequence[Run], *, processes: int, for_s: float) -> None:
        """All runs on all processes."""
        began = now()
        self.began = began
        async with AsyncExitStack() as stack:
            group = await stack.enter_async_context(asyncio.TaskGroup())
            tasks: list[asyncio.Task[None]] = []
            for number in range(processes):
                limiter = Limiter(OneKey(), self.limits, owner=f"p{number}", patience_s=3600, longest_wait_s=900)
                tasks += [group.create_task(self._process(limiter, run)) for run in runs]
            await asyncio.sleep(for_s)
            for task in tasks:
                task.cancel()

    async def _process(self, limiter: Limiter, run: Run) -> None:
        await asyncio.sleep(run.starts_at)
        asker = Asker(run_id=run.name, project_id=run.project, weight=run.weight, limits=run.limits)
        async with limiter.joined(SPEC, asker, asyncio.Event()) as admission, asyncio.TaskGroup() as group:
            for _ in range(run.lanes):
                group.create_task(self._lane(admission, run))

    async def _lane(self, admission: Admission, run: Run) -> None:
        while True:
            pause_s = 0.0
            while (error := await self._call(admission, run, pause_s)) is not None:
                pause_s = getattr(error, "retry_after", None) or 0.0
            await asyncio.sleep(run.pause_s)

    async def _call(self, admission: Admission, run: Run, pause_s: float) -> BenchmarkError | None:
        ticket = await admission.admit(pause_s=pause_s)
        with ticket:
            error = self.answer(now())
            self.calls.append(Call(now() - self.began, run.name, error))
            self.in_flight += 1
            self.most_in_flight = max(self.in_flight, self.most_in_flight)
            try:
                await asyncio.sleep(0.01 if error else self.latency_s)
            finally:
                self.in_flight -= 1
            if error is None:
                ticket.answered(Usage(input_tokens=80, output_tokens=20))
            else:
                ticket.failed(error)
        return error

    def during(self, start: float, stop: float, run: str | None = None) -> list[Call]:
        return [call for call in self.calls if start <= call.at < stop and (run is None or call.run == run)]
