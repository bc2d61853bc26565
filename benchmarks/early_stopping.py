"""What stopping early saves and how often it errs: `python -m benchmarks.early_stopping`.

Two agents answer the cases of a benchmark in a random order, and after every case one looks whether the better one is
known (`evaluators.statistics.sequential`, error 5 %). `whole`: the question is who would be ahead after all cases;
otherwise who is ahead on all cases that could be asked.
"""

from typing import NamedTuple

import numpy as np
from rich.console import Console

from evaluators.statistics.sequential import settle


class Scene(NamedTuple):
    cases: int
    gap: float
    """How much likelier the candidate is to be right."""
    whole: bool


class Told(NamedTuple):
    """Shares, 0..1, over the rounds."""

    wrong: float
    """A side was named that is not the true one. Of equal agents either side is wrong."""
    settled: float
    calls: float
    """Mean share of the calls that were made."""


SCENES = tuple(
    Scene(cases, gap, whole)
    for cases in (300, 1_000, 5_000)
    for gap in (0.0, 0.02, 0.05, 0.1, 0.2)
    for whole in (True,)
) + tuple(Scene(1_000, gap, whole=False) for gap in (0.0, 0.05, 0.1, 0.2))


def simulate(scene: Scene, *, rounds: int, seed: int) -> Told:
    """Both agents are right or wrong case by case, as hard as the case is: Beta(2, 1), less the gap for one."""
    random = np.random.default_rng(seed)
    wrong = settled = 0
    calls = 0.0
    for _ in range(rounds):
        ease = random.beta(2, 1, scene.cases)
        baseline = random.random(scene.cases) < ease * (1 - scene.gap / (2 / 3))
        differences = (random.random(scene.cases) < ease).astype(np.float64) - baseline
        found = settle(differences, 0.0, population=scene.cases if scene.whole else None, lowest=-1, highest=1)
        calls += scene.cases if found is None else found.after
        if found is not None:
            settled += 1
            truth = differences.sum() if scene.whole else scene.gap
            wrong += not (truth > 0 if found.side == "above" else truth < 0)
    return Told(wrong / rounds, settled / rounds, calls / rounds / scene.cases)


def main() -> None:
    console = Console(highlight=False)
    for number, scene in enumerate(SCENES):
        told = simulate(scene, rounds=1_000, seed=number)
        question = "after all cases" if scene.whole else "on all that could be asked"
        console.print(
            f"{scene.cases:>5} cases, {scene.gap * 100:>4.0f} points apart, {question}: "
            f"{told.calls:.0%} of the calls, settled {told.settled:.0%}, wrong {told.wrong:.1%}",
            soft_wrap=True,
        )


if __name__ == "__main__":
    main()
