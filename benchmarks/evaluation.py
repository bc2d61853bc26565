"""How fast evaluators judge stored answers on one core, beside a bare loop that compares strings.

`python -m benchmarks.evaluation --answers 20000` prints answers a second for each evaluator, and how many times as long
as the bare loop it takes. The bar is exact match at 20,000 answers a second.
"""

import argparse
import asyncio
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from typing import Any

from core.benchmarks import Evaluation
from core.cases import Case, Reply, Usage
from core.ports import NamedEvaluator
from evaluators.registry import InstalledEvaluators

BAR = 20_000
"""Answers a second of exact match."""
REPEATS = 5
CAPITALS = ("Paris", "Oslo", "Tokyo", "Bangkok", "Buenos Aires", "the Hague", "São Paulo", "12,345")
EVALUATORS: list[dict[str, Any]] = [
    {"kind": "exact"},
    {"kind": "exact", "name": "exact behind a marker", "extract": {"after": ["answer:"]}},
    {"kind": "quasi_exact"},
    {"kind": "contains"},
    {"kind": "numeric"},
    {"kind": "f1"},
    {"kind": "fuzzy"},
    {"kind": "json"},
    {"kind": "composite", "rule": "any", "of": [{"kind": "exact"}, {"kind": "contains"}]},
]

Answers = Sequence[tuple[Case, Reply]]


def answers(count: int) -> Answers:
    """Every other one is right; no two cases are the same."""
    made: list[tuple[Case, Reply]] = []
    for number in range(count):
        right, said = CAPITALS[number % len(CAPITALS)], CAPITALS[(number + number // 8 % 2) % len(CAPITALS)]
        case = Case(id=f"case-{number}", input=f"Question {number}?", expected=f"{right} {number}")
        reply = Reply(text=f" {said} {number}.\n", usage=Usage(input_tokens=20, output_tokens=5), latency_s=0.2)
        made.append((case, reply))
    return made


def bare_loop(given: Answers) -> float:
    """The share of right answers by the least that exact match can be."""
    right = [reply.text.strip().rstrip(".").casefold() == (case.expected or "").casefold() for case, reply in given]
    return sum(right) / len(right)


async def judged(evaluator: NamedEvaluator, given: Answers) -> None:
    for case, reply in given:
        await evaluator.evaluate(case, reply)


def speed(work: Callable[[], object], count: int) -> float:
    """Answers per second of CPU time, the median of some repeats."""
    spent: list[float] = []
    for _ in range(REPEATS):
        began = time.process_time()
        work()
        spent.append(time.process_time() - began)
    return count / statistics.median(spent)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--answers", type=int, default=20_000)
    given = answers(parser.parse_args().answers)
    bare = speed(lambda: bare_loop(given), len(given))
    sys.stdout.write(f"{'bare loop':24}{bare:12,.0f}/s\n")
    for settings in EVALUATORS:
        evaluator = InstalledEvaluators().open([Evaluation.model_validate(settings)])[0]
        found = speed(lambda evaluator=evaluator: asyncio.run(judged(evaluator, given)), len(given))
        sys.stdout.write(f"{evaluator.label:24}{found:12,.0f}/s{bare / found:8.1f} times the bare loop\n")
        if evaluator.label == "exact" and found < BAR:
            sys.exit(f"Exact match judges {found:,.0f} answers a second on this machine, less than {BAR:,}.")


if __name__ == "__main__":
    main()
