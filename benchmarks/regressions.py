"""How often the watch over baselines raises an alarm, where nothing changed and where scores dropped by three points.

`python -m benchmarks.regressions` simulates runs case by case and decides as the watch does. Three promises are tried:

* of runs that are no worse, at most 5 % raise an alarm (`looks: 1`), whichever baseline is chosen;
* of series of 30 such runs, at most 5 % raise any alarm (`looks: 30`);
* a drop of three points is found with the probability that the comparison itself states.
"""

import sys
from collections.abc import Iterator, Sequence
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray
from rich.console import Console

from core.baselines import Baseline, FixedRun, LastGood, Rolling
from core.columns import CaseColumns, CaseScores
from core.comparisons import Terms
from evaluators.comparison import compare
from evaluators.statistics.arrays import Floats
from evaluators.statistics.pairs import paired_difference, permutation_p
from evaluators.statistics.quantiles import quantile_of_normal

DROP: Final = 0.03
SERIES_RUNS: Final = 30
EASE: Final = (2.0, 1.0)
"""How easy cases are follows this Beta distribution."""
POWER_CASES: Final = (500, 1_000, 2_300)
A_RUN: Final = "run_00000000000000000000000000"
SLACK: Final = 0.0125
"""For chance: of 300 series a share that is truly 2.5 % exceeds 6.25 % once in 10,000 tries."""


class Alarms(NamedTuple):
    runs: int
    alarmed: int
    series: int
    series_alarmed: int


def columns(means: Floats) -> CaseColumns:
    n = len(means)
    scores = CaseScores("exact", "1", means, np.ones(n, dtype=np.int64))
    return CaseColumns(
        case_index=np.arange(n),
        case_id=tuple(map(str, range(n))),
        category=np.full(n, -1),
        categories=(),
        evaluators=(scores,),
    )


def is_worse(before: Floats, after: Floats, error: float) -> bool:
    """What `as_compared` says, without all that a comparison tells besides."""
    found = paired_difference(after - before, confidence=1 - error)
    return found.high is not None and found.high < 0 and permutation_p(after - before) <= error


def as_compared(before: Floats, after: Floats, error: float) -> bool:
    """As the watch over baselines decides."""
    found, _ = compare(columns(before), columns(after), Terms(confidence=1 - error))
    return found.finding == "worse"


def alarms(baseline: Baseline, *, series: int, cases: int, seed: int) -> Alarms:
    """Of series of runs of an agent that never changes."""
    random = np.random.default_rng(seed)
    alarmed = any_alarm = 0
    for _ in range(series):
        ease = random.beta(*EASE, cases)
        found = list(_life(baseline, ease, random))
        alarmed += sum(found)
        any_alarm += any(found)
    return Alarms(series * SERIES_RUNS, alarmed, series, any_alarm)


def _life(baseline: Baseline, ease: Floats, random: np.random.Generator) -> Iterator[bool]:
    """Whether each run of a series raised an alarm."""
    good: list[Floats] = [_asked(ease, random)]
    error = baseline.error_of_agent(1)
    for _ in range(SERIES_RUNS):
        run = _asked(ease, random)
        worse = is_worse(_chosen(baseline, good), run, error)
        if not worse:
            good.append(run)
        yield worse


def _chosen(baseline: Baseline, good: Sequence[Floats]) -> Floats:
    match baseline:
        case FixedRun():
            return good[0]
        case LastGood():
            return good[-1]
        case Rolling(runs=runs):
            last = sorted(good[-runs:], key=lambda run: float(run.mean()))
            return last[(len(last) - 1) // 2]


def found_drops(cases: int, *, runs: int, seed: int) -> tuple[float, float]:
    """The share of drops that was found, and the power that theory states for so many cases."""
    from scipy.special import ndtr  # pyright: ignore[reportMissingTypeStubs]

    random = np.random.default_rng(seed)
    error = LastGood().error_of_agent(1)
    found, errors = 0, list[float]()
    for _ in range(runs):
        ease = random.beta(*EASE, cases)
        dropped = ease * (1 - DROP / ease.mean())
        before, after = _asked(ease, random), _asked(dropped, random)
        found += is_worse(before, after, error)
        errors.append(float((after - before).std(ddof=1) / np.sqrt(cases)))
    stated = float(ndtr(DROP / float(np.mean(errors)) - quantile_of_normal(1 - error)))
    return found / runs, stated


def _asked(ease: Floats, random: np.random.Generator) -> NDArray[np.float64]:
    return random.binomial(1, ease).astype(np.float64)


def main() -> None:
    console = Console(highlight=False)
    kept = True
    for looks in (1, SERIES_RUNS):
        told: dict[str, Any] = {"looks": looks}
        kinds: tuple[Baseline, ...] = (FixedRun(run_id=A_RUN, **told), LastGood(**told), Rolling(**told))
        for number, baseline in enumerate(kinds):
            found = alarms(baseline, series=100 if looks == 1 else 300, cases=400, seed=number)
            share, any_share = found.alarmed / found.runs, found.series_alarmed / found.series
            kept &= (share if looks == 1 else any_share) <= baseline.error + SLACK
            console.print(
                f"looks {looks:>2}, {baseline.kind:<9} nothing changed: {share:6.2%} of {found.runs:,} runs alarmed, "
                f"{any_share:6.1%} of {found.series} series of {SERIES_RUNS} had any alarm",
                soft_wrap=True,
            )
    for number, cases in enumerate(POWER_CASES):
        share, stated = found_drops(cases, runs=400, seed=number)
        kept &= share >= stated - 0.06
        console.print(f"{cases:>5} cases, a drop of {DROP:.0%}: found in {share:.1%} of 400 runs, stated {stated:.1%}")
    sys.exit(not kept)


if __name__ == "__main__":
    main()
