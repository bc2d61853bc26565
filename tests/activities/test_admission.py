"""Calls at a provider key in virtual time: hidden limits are found, kept to and shared; trouble is waited for."""

import asyncio
from collections.abc import Coroutine
from itertools import pairwise
from math import ceil
from typing import Any

import pytest

from activities.admission import Admission, Limiter, Withdrawn
from core.cases import Usage
from core.errors import BenchmarkError, KeyRefused, QuotaExhausted, Throttled, Unavailable
from core.fairness import jain
from core.key_state import KeyState
from core.limits import Allowance, Asker, Limits, ProviderKey, Report
from tests.activities.limited import SPEC, Answer, Machine, MemoryLimits, OneKey, Run, now
from tests.token_bucket import TokenBucket
from tests.virtual_time import run_in_virtual_time

WARM_S, LONG_S = 60.0, 180.0
ASKER = Asker(run_id="run_a", project_id="default")


def bucket(per_s: float, capacity: float, *, retry_after: bool) -> Answer:
    hidden = TokenBucket(per_s, capacity)

    def answer(at: float) -> BenchmarkError | None:
        wait_s = hidden.take(at)
        if wait_s is None:
            return None
        return Throttled("Slow down.", retry_after=ceil(wait_s) if retry_after else None)

    return answer


def well(at: float) -> BenchmarkError | None:
    return None


@pytest.mark.parametrize("retry_after", [True, False], ids=["with Retry-After", "without a word"])
@pytest.mark.parametrize(("per_s", "capacity"), [(50, 50), (10, 10), (50, 3000)])
def test_a_hidden_limit_is_used_and_seldom_overstepped(per_s: float, capacity: float, *, retry_after: bool) -> None:
    """The last one lets a whole minute's calls through at once."""
    machine = Machine(bucket(per_s, capacity, retry_after=retry_after))
    runs = [Run("a"), Run("b"), Run("c")]
    run_in_virtual_time(machine.work(runs, processes=3, for_s=LONG_S))
    calls = machine.during(WARM_S, LONG_S)
    refused = [call for call in calls if call.error]
    assert len(calls) - len(refused) >= 0.9 * per_s * (LONG_S - WARM_S)
    assert len(refused) <= 0.03 * len(calls)
    assert jain([len(machine.during(WARM_S, LONG_S, run.name)) for run in runs]) > 0.95


def test_runs_share_by_their_weight_and_projects_evenly() -> None:
    machine = Machine(well)
    limits = Limits(requests_per_minute=1800)
    runs = [
        Run("heavy", weight=6, limits=limits),
        Run("light", weight=3, limits=limits),
        Run("other", project="another", limits=limits),
    ]
    run_in_virtual_time(machine.work(runs, processes=2, for_s=40))
    heavy, light, other = (len(machine.during(5, 40, run.name)) for run in runs)
    assert heavy + light + other == pytest.approx(35 * 30, rel=0.05)
    assert heavy / light == pytest.approx(2, rel=0.1)
    assert other == pytest.approx(heavy + light, rel=0.1)


def test_a_run_that_wants_little_leaves_the_rest_to_the_others() -> None:
    machine = Machine(well)
    limits = Limits(requests_per_minute=1200)
    runs = [Run("modest", lanes=1, pause_s=0.8, limits=limits), Run("hungry", limits=limits)]
    run_in_virtual_time(machine.work(runs, processes=2, for_s=40))
    modest, hungry = (len(machine.during(5, 40, run.name)) for run in runs)
    assert modest == pytest.approx(2 * 35 / 1.0, rel=0.2)
    assert modest + hungry >= 0.95 * 20 * 35


def test_calls_at_once_are_never_more_than_allowed_however_processes_come_and_go() -> None:
    machine = Machine(well)
    limits = Limits(in_flight=5)
    runs = [Run("a", limits=limits), Run("b", limits=limits, starts_at=3.0), Run("c", limits=limits, starts_at=6.0)]
    run_in_virtual_time(machine.work(runs, processes=3, for_s=40))
    assert machine.most_in_flight == 5
    assert jain([len(machine.during(10, 40, run.name)) for run in runs]) > 0.95
    assert len(machine.during(10, 40)) >= 0.75 * 30 * 5 / machine.latency_s


def test_tokens_a_minute_are_kept_by_what_calls_take() -> None:
    machine = Machine(well)
    run = Run("a", limits=Limits(tokens_per_minute=60_000))
    run_in_virtual_time(machine.work([run], processes=2, for_s=60))
    assert len(machine.during(10, 60)) == pytest.approx(50 * 10, rel=0.1)


def test_without_limits_nobody_waits_and_reports_are_few() -> None:
    machine = Machine(well)
    run_in_virtual_time(machine.work([Run("a")], processes=2, for_s=20))
    assert len(machine.calls) >= 2 * 8 * 20 / machine.latency_s * 0.97
    assert machine.limits.exchanges <= 2 * 20 / 0.5 + 6


def test_a_broken_provider_is_tried_by_one_call_at_a_time_of_all_processes() -> None:
    began: list[float] = []

    def answer(at: float) -> BenchmarkError | None:
        began.append(at)
        return Unavailable("The connection was refused.") if 10 <= at - began[0] < 40 else None

    machine = Machine(answer)
    run_in_virtual_time(machine.work([Run("a"), Run("b")], processes=3, for_s=60))
    during = [call.at for call in machine.during(12, 40)]
    assert 3 <= len(during) <= 6
    assert all(later - earlier > 1.5 for earlier, later in pairwise(during))
    assert len(machine.during(55, 60)) > 0.9 * 5 * 48 / machine.latency_s


class Deskless:
    async def key_of(self, spec: object) -> ProviderKey | None:
        return None


def admitted(work: Coroutine[Any, Any, None]) -> None:
    run_in_virtual_time(work)


def limiter(limits: MemoryLimits, **given: float) -> Limiter:
    times = {"patience_s": 3600.0, "longest_wait_s": 900.0} | given
    return Limiter(OneKey(), limits, owner="p1", **times)


async def always_refused(admission: Admission) -> None:
    """One question, asked again and again."""
    began = now()
    while True:
        with await admission.admit(trouble_s=now() - began) as ticket:
            ticket.failed(Unavailable("The connection was refused."))


async def tried(admission: Admission, error: BenchmarkError | None) -> None:
    with await admission.admit() as ticket:
        if error is None:
            ticket.answered(Usage())
        else:
            ticket.failed(error)


def test_an_exhausted_account_is_left_alone_then_asked_once() -> None:
    async def work() -> None:
        limits = MemoryLimits()
        async with limiter(limits).joined(SPEC, ASKER, asyncio.Event()) as admission:
            await tried(admission, None)
            await tried(admission, QuotaExhausted("You have no credit left."))
            await asyncio.sleep(0.1)
            with pytest.raises(QuotaExhausted, match="no credit left"):
                await admission.admit()
            await asyncio.sleep(11)
            first, second = (asyncio.create_task(admission.admit()) for _ in range(2))
            await asyncio.sleep(2)
            assert [first.done(), second.done()] == [True, False]
            with first.result() as ticket:
                assert ticket.probes
                ticket.answered(Usage())
            with await second as ticket:
                ticket.answered(Usage())
        assert limits.state.exhausted is None

    admitted(work())


def test_a_very_long_retry_after_means_that_nothing_is_left() -> None:
    async def work() -> None:
        async with limiter(MemoryLimits(), longest_wait_s=60.0).joined(SPEC, ASKER, asyncio.Event()) as admission:
            said = admission.weighed(Throttled("Too many requests.", retry_after=7200))
            assert isinstance(said, QuotaExhausted)
            assert "7,200 seconds" in str(said)
            soon = Throttled("Too many requests.", retry_after=59)
            assert admission.weighed(soon) is soon

    admitted(work())


def test_strangers_in_trouble_are_waited_for_briefly_and_the_known_for_long() -> None:
    async def work(*, known: bool) -> float:
        limits = MemoryLimits(KeyState(answered_at=1.0 if known else None))
        async with limiter(limits, patience_s=100.0).joined(SPEC, ASKER, asyncio.Event()) as admission:
            for _ in range(10):
                await tried(admission, Unavailable("The connection was refused."))
            await asyncio.sleep(0.1)
            began = now()
            with pytest.raises(Unavailable, match="calls in a row failed; the last: The connection was refused"):
                await always_refused(admission)
            return now() - began

    assert run_in_virtual_time(work(known=False)) < 40
    assert run_in_virtual_time(work(known=True)) > 100


def test_a_key_that_was_answered_before_is_given_time_when_it_is_refused() -> None:
    async def work() -> None:
        for known in (True, False):
            limits = MemoryLimits(KeyState(answered_at=1.0 if known else None))
            async with limiter(limits).joined(SPEC, ASKER, asyncio.Event()) as admission:
                with await admission.admit() as ticket:
                    error = KeyRefused("The key is not accepted.")
                    assert admission.excuses(error, ticket, trouble_s=0.0) is known
                    assert not admission.excuses(error, ticket, trouble_s=4000.0)

    admitted(work())


def test_whoever_waits_leaves_when_the_batch_is_stopped() -> None:
    async def work() -> None:
        stop = asyncio.Event()
        asker = ASKER.model_copy(update={"limits": Limits(in_flight=1)})
        async with limiter(MemoryLimits()).joined(SPEC, asker, stop) as admission:
            with await admission.admit() as ticket:
                waiting = asyncio.create_task(admission.admit())
                await asyncio.sleep(1)
                stop.set()
                with pytest.raises(Withdrawn):
                    await waiting
                ticket.answered(Usage())
            with pytest.raises(Withdrawn):
                await admission.admit()

    admitted(work())


def test_a_record_that_cannot_be_reached_keeps_nobody_from_free_calls() -> None:
    class Away(MemoryLimits):
        async def exchange(self, key: ProviderKey, report: Report) -> Allowance:
            if now() > 1005:
                raise OSError("The network is down.")
            return await super().exchange(key, report)

    machine = Machine(well, limits=Away())
    run_in_virtual_time(machine.work([Run("a")], processes=1, for_s=20))
    assert len(machine.during(10, 20)) >= 0.97 * 10 * 8 / machine.latency_s


def test_an_agent_without_a_provider_passes_and_excuses_nothing() -> None:
    async def work() -> None:
        free = Limiter(Deskless(), MemoryLimits(), owner="p1", patience_s=60.0, longest_wait_s=900.0)
        async with free.joined(SPEC, ASKER, asyncio.Event()) as admission:
            with await admission.admit() as ticket:
                assert not admission.excuses(Throttled("Slow down."), ticket, trouble_s=0.0)
        assert free.desks == {}

    admitted(work())


def test_a_stranger_that_only_throttles_is_given_up_but_a_turn_is_awaited_for_ever() -> None:
    async def work() -> None:
        limits = MemoryLimits()
        async with limiter(limits).joined(SPEC, ASKER, asyncio.Event()) as admission:
            for _ in range(5):
                await tried(admission, Throttled("Slow down."))
            with pytest.raises(Unavailable, match="fewer requests"):
                await always_throttled(admission)
            limits.state = limits.state.model_copy(update={"limits": Limits(in_flight=1)})
            await asyncio.sleep(5)
            with await admission.admit() as ticket:
                waiting = asyncio.create_task(admission.admit())
                await asyncio.sleep(1000)
                assert not waiting.done()
                ticket.answered(Usage())
            with await waiting as ticket:
                ticket.answered(Usage())

    admitted(work())


async def always_throttled(admission: Admission) -> None:
    began = now()
    while True:
        with await admission.admit(trouble_s=now() - began) as ticket:
            await asyncio.sleep(0.01)
            ticket.failed(Throttled("Slow down."))
