"""What judging in side processes costs, in CPU time: in the worker, in the side process, and in place for comparison.

`python -m benchmarks.side_processes` prints microseconds an answer of exact match, in batches as a run has them, and
what it costs to start a process. CPU time, because other work on the machine should not count.
"""

import argparse
import asyncio
import resource
import sys
import time

from benchmarks.evaluation import Answers, answers, judged, speed
from core.benchmarks import Evaluation
from evaluators.isolation.pool import SideProcesses
from evaluators.registry import InstalledEvaluators

BATCH = 500
"""Answers of the largest batch of a run."""
EXACT = Evaluation.model_validate({"kind": "exact"})


def children_s() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


async def isolated(given: Answers) -> float:
    """CPU seconds of this process for these answers, a batch at a time."""
    async with SideProcesses(most=1) as pool:
        [_ async for _ in pool.judge(EXACT, given[:1])]
        began = time.process_time()
        for start in range(0, len(given), BATCH):
            [_ async for _ in pool.judge(EXACT, given[start : start + BATCH])]
        return time.process_time() - began


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--answers", type=int, default=20_000)
    given = answers(parser.parse_args().answers)
    before = children_s()
    asyncio.run(isolated(given[:1]))
    start = children_s() - before
    worker = asyncio.run(isolated(given))
    side = children_s() - before - 2 * start
    evaluator = InstalledEvaluators().open([EXACT])[0]
    in_place = 1 / speed(lambda: asyncio.run(judged(evaluator, given)), len(given))
    for what, seconds in (("worker", worker / len(given)), ("side process", side / len(given)), ("in place", in_place)):
        sys.stdout.write(f"{what:16}{seconds * 1e6:8.1f} us an answer\n")
    sys.stdout.write(f"{'start':16}{start:8.2f} s of CPU, once\n")


if __name__ == "__main__":
    main()
