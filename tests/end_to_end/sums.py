"""A benchmark of sums, and what a run of it must show however often something was killed meanwhile."""

from collections import Counter
from typing import Any

from core.runs import Counts, Run
from tests.end_to_end.machine import Machine
from tests.providers import Asked, Provider

QUESTIONS = 800
CONCURRENCY = 20


def doubled(asked: Asked) -> str:
    return str(2 * int(asked.prompt.split("+")[0]))


def benchmark(url: str, **more: Any) -> dict[str, Any]:
    rows = [{"input": f"{number} + {number}", "expected": str(2 * number)} for number in range(QUESTIONS)]
    agent = {"kind": "openai", "model": "sums", "base_url": url}
    return {
        "name": "sums",
        "dataset": {"source": {"kind": "inline", "rows": rows}},
        "agents": [{"name": "sums", "agent": agent, "concurrency": CONCURRENCY}],
        "evaluators": [{"kind": "exact"}],
    } | more


async def check_nothing_lost_or_doubled(machine: Machine, run: Run, provider: Provider) -> int:
    """Returns how many calls were sent again."""
    assert run.status == "completed"
    assert run.counts == Counts(total=QUESTIONS, answered=QUESTIONS, evaluated=QUESTIONS)
    metrics = run.agents[0].metrics
    assert metrics is not None
    assert metrics.accuracy is not None
    assert metrics.accuracy.value == 1.0
    [(results, scores)] = await machine.rows("select (select count(*) from results), (select count(*) from scores)")
    assert (results, scores) == (QUESTIONS, QUESTIONS)
    assert await machine.rows("select 1 from attempts where status = 'open'") == []
    return await calls_sent_again(machine, provider)


async def calls_sent_again(machine: Machine, provider: Provider) -> int:
    """Each of them must be within the ledger."""
    seen = Counter(asked.prompt for asked in provider.log)
    claimed = Counter(
        {
            f"{index} + {index}": claims
            for index, claims in await machine.rows("select case_index, count(*) from attempts group by case_index")
        }
    )
    assert seen <= claimed, "the provider saw a call that nobody had claimed"
    return seen.total() - len(seen)
