"""An evaluator that crashes, hangs or eats memory costs its own answer, and nobody waits for it but its batch."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import psutil
import pytest

from core.benchmarks import Evaluation
from core.cases import Case, Reply
from core.verdicts import Scored, Unscored
from evaluators.isolation.pool import SideProcesses
from evaluators.isolation.tries import Tries

pytestmark = pytest.mark.usefixtures("hostile_plugin")

HOSTILE = Evaluation.model_validate({"kind": "hostile"})
LIMIT_S = 1.0
Verdicts = list[Scored | Unscored]


def processes(*, most: int = 1, time_limit_s: float = LIMIT_S) -> SideProcesses:
    return SideProcesses(most=most, time_limit_s=time_limit_s, memory_bytes=512 * 1024**2)


async def verdicts(pool: SideProcesses, texts: Sequence[str], evaluation: Evaluation = HOSTILE) -> Verdicts:
    answers = [(Case(id=str(number), input="?"), Reply(text=text)) for number, text in enumerate(texts)]
    return [verdict async for found in pool.judge(evaluation, answers) for verdict in found]


def reason(verdict: Scored | Unscored) -> str:
    assert isinstance(verdict, Unscored), verdict
    assert verdict.cause == "evaluator"
    return verdict.reason


def judged(found: Verdicts) -> dict[int, str | None]:
    """The answer of each verdict there is, by its place."""
    return {place: verdict.answer for place, verdict in enumerate(found) if isinstance(verdict, Scored)}


@pytest.mark.parametrize(
    ("deed", "cause"),
    [
        ("segfault", "was ended by SIGSEGV"),
        ("exit", "ended with status 3"),
        ("leave", "ended with status"),
        ("eat", "needed more than 0.5 GiB of memory"),
        ("sleep", "gave no verdict within 1 s"),
        ("spin", "gave no verdict within 1 s"),
    ],
)
async def test_what_ends_its_process_costs_one_answer(deed: str, cause: str) -> None:
    # What dies by itself may take its time on a busy machine.
    async with processes(time_limit_s=LIMIT_S if deed in ("sleep", "spin") else 20) as pool:
        found = await verdicts(pool, ["fine"] * 100 + [deed] + ["fine"] * 100)
    assert cause in reason(found[100])
    assert judged(found) == {place: str(place) for place in range(201) if place != 100}


async def test_several_poisonous_answers_cost_themselves_only() -> None:
    poison = {0: "exit", 1: "segfault", 19: "exit"}
    async with processes(time_limit_s=20) as pool:
        found = await verdicts(pool, [poison.get(place, "fine") for place in range(20)])
    assert judged(found) == {place: str(place) for place in range(20) if place not in poison}


async def test_an_answer_that_crashed_once_is_tried_again_and_judged(tmp_path: Path) -> None:
    async with processes(time_limit_s=20) as pool:
        found = await verdicts(pool, ["fine", f"exit {tmp_path / 'trace'}", "fine"])
    assert judged(found) == {0: "0", 1: "1", 2: "2"}


async def test_an_evaluator_that_always_breaks_is_not_tried_for_ever() -> None:
    answers = [(Case(id=str(number), input="?"), Reply(text="exit")) for number in range(300)]
    async with processes(time_limit_s=20) as pool:
        tries = Tries(pool.leased, HOSTILE, 20, hopeless_after=2)
        found = [verdict async for some in tries.verdicts(answers) for verdict in some]
    assert len(found) == 300
    assert {"could not judge this answer" in reason(verdict) for verdict in found[:2]} == {True}
    assert {"failed on 2 answers in a row" in reason(verdict) for verdict in found[2:]} == {True}


async def test_the_event_loop_goes_on_while_an_evaluator_sleeps() -> None:
    gaps: list[float] = []

    async def beat() -> None:
        while True:
            before = time.monotonic()
            await asyncio.sleep(0.05)
            gaps.append(time.monotonic() - before)

    async with processes() as pool:
        heart = asyncio.create_task(beat())
        await verdicts(pool, ["sleep", "spin"])
        heart.cancel()
    assert sum(gaps) > 2 * LIMIT_S
    assert max(gaps) < 0.7, "a heartbeat would have been late"


async def test_others_are_judged_while_one_hangs() -> None:
    async with processes(most=2, time_limit_s=20) as pool:
        hanging = asyncio.create_task(verdicts(pool, ["sleep"]))
        await asyncio.sleep(0)
        assert judged(await verdicts(pool, ["fine"])) == {0: "0"}
        assert not hanging.done()
        hanging.cancel()
        await asyncio.gather(hanging, return_exceptions=True)


async def test_a_process_is_kept_for_the_next_batch_and_left_by_nobody() -> None:
    async with processes(time_limit_s=20) as pool:
        first, second = judged(await verdicts(pool, ["who"])), judged(await verdicts(pool, ["who"]))
        assert first == second
        assert psutil.pid_exists(int(first[0] or 0))
    assert not psutil.pid_exists(int(first[0] or 0))


async def test_judging_that_is_cancelled_ends_its_process() -> None:
    async with processes(time_limit_s=60) as pool:
        pid = int(judged(await verdicts(pool, ["who"]))[0] or 0)
        judging = asyncio.create_task(verdicts(pool, ["sleep"]))
        await asyncio.sleep(0.2)
        judging.cancel()
        await asyncio.gather(judging, return_exceptions=True)
        assert not psutil.pid_exists(pid)
        assert judged(await verdicts(pool, ["fine"])) == {0: "0"}


async def test_what_an_evaluator_prints_reads_or_raises_disturbs_nobody() -> None:
    async with processes(time_limit_s=20) as pool:
        found = await verdicts(pool, ["print", "raise", "nothing", "large", "surrogate", "read", "fine"])
    assert judged(found) == {0: "0", 5: "5", 6: "6"}
    assert "ValueError: I do not like this answer" in reason(found[1])
    assert "gave a NoneType" in reason(found[2])
    assert "larger than" in reason(found[3])
    assert "cannot be written as JSON" in reason(found[4])


async def test_an_evaluator_sees_none_of_our_variables(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BENCHMARK_CANARY", "sk-secret")
    async with processes(time_limit_s=20) as pool:
        seen = judged(await verdicts(pool, ["variables"]))[0] or ""
    assert "PYTHONPATH" in seen
    assert "BENCHMARK_CANARY" not in seen


async def test_an_evaluator_that_does_not_open_tells_every_answer_why() -> None:
    broken = Evaluation.model_validate({"kind": "hostile", "refuses_to_open": True})
    async with processes(time_limit_s=20) as pool:
        found = await verdicts(pool, ["fine"] * 3, broken)
    assert {"cannot be opened: ImportError: no module named 'something'" in reason(each) for each in found} == {True}


async def test_an_evaluator_may_give_itself_less_time_but_never_more() -> None:
    async with processes(time_limit_s=0.6) as pool:
        for own, limit in ((0.2, 0.2), (50, 0.6)):
            evaluation = Evaluation.model_validate({"kind": "hostile", "time_limit_s": own})
            assert f"gave no verdict within {limit} s" in reason((await verdicts(pool, ["sleep"], evaluation))[0])


WORKER = """
import asyncio
from core.benchmarks import Evaluation
from core.cases import Case, Reply
from evaluators.isolation.pool import SideProcesses

async def main():
    async with SideProcesses(time_limit_s=600) as pool:
        evaluation = Evaluation.model_validate({"kind": "hostile"})
        async for found in pool.judge(evaluation, [(Case(id="1", input=""), Reply(text="who"))]):
            print(found[0].answer, flush=True)
        async for found in pool.judge(evaluation, [(Case(id="1", input=""), Reply(text="spin"))]):
            pass

asyncio.run(main())
"""


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux ends the children of a killed process")
def test_a_killed_worker_leaves_no_process_behind(tmp_path: Path) -> None:
    path = os.pathsep.join([str(tmp_path), *sys.path])
    with subprocess.Popen(
        [sys.executable, "-c", WORKER], env={**os.environ, "PYTHONPATH": path}, stdout=subprocess.PIPE, text=True
    ) as worker:
        assert worker.stdout is not None
        child = psutil.Process(int(worker.stdout.readline()))
        worker.send_signal(signal.SIGKILL)
    psutil.wait_procs([child], timeout=10)
    assert not child.is_running() or child.status() == psutil.STATUS_ZOMBIE


async def test_a_process_that_died_with_nothing_to_do_is_not_handed_out() -> None:
    others = set(psutil.Process().children())
    async with processes() as pool:
        async with pool.leased() as first:
            [child] = set(psutil.Process().children()) - others
        child.kill()
        async with asyncio.timeout(20):
            while True:
                if first.lost:
                    break
                await asyncio.sleep(0.01)
        async with pool.leased() as second:
            assert not second.lost
            assert second is not first
        assert len(await verdicts(pool, ["fine"])) == 1
