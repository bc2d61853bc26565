"""When a run's question is decided: over what counts, and not over what only happened to be quick."""

import numpy as np

from core.benchmarks import Stopping
from core.columns import Columns, EvaluatorColumn
from core.outcomes import Cause
from evaluators.statistics.sequential import settle
from evaluators.stopping import decided

CAUSES: tuple[Cause, ...] = ("agent", "infrastructure")
CASES = 2000


def columns(scores: list[float | None], *, failed: Cause | None = None, at: list[int] | None = None) -> Columns:
    """One row a case; None for a failure of this cause, or for an answer without a score."""
    n = len(scores)
    unknown = np.array([score is None for score in scores])
    cause = np.where(unknown & (failed is not None), CAUSES.index(failed or "agent"), -1).astype(np.int8)
    values = np.array([np.nan if score is None else score for score in scores])
    nothing = np.full(n, np.nan)
    return Columns(
        case_index=np.array(range(n) if at is None else at, dtype=np.int32),
        trial=np.zeros(n, dtype=np.int32),
        category=np.full(n, -1, dtype=np.int32),
        categories=(),
        cause=cause,
        causes=CAUSES,
        latency_s=nothing,
        queue_s=np.zeros(n),
        input_tokens=nothing,
        output_tokens=nothing,
        cost_usd=nothing,
        calls=np.ones(n, dtype=np.int32),
        evaluators=(EvaluatorColumn("exact", "1", values, ~unknown),),
    )


def test_failures_that_count_as_wrong_count_in_the_decision() -> None:
    scores: list[float | None] = [1.0, None] * 400
    above = decided(Stopping(threshold=0.7), "unscored", columns(scores, failed="agent"), None, case_count=CASES)
    below = decided(Stopping(threshold=0.7), "wrong", columns(scores, failed="agent"), None, case_count=CASES)
    innocent = decided(
        Stopping(threshold=0.7), "wrong", columns(scores, failed="infrastructure"), None, case_count=CASES
    )
    assert "above 0.7" in (above or "")
    assert "below 0.7" in (below or "")
    assert innocent == above


def test_what_came_in_beyond_a_gap_does_not_speak() -> None:
    some: list[float | None] = [1.0] * 300
    gap = columns(some, at=[0, 1, *range(3, 301)])
    assert decided(Stopping(threshold=0.5), "unscored", gap, None, case_count=CASES) is None
    assert decided(Stopping(threshold=0.5), "unscored", columns(some), None, case_count=CASES) is not None


def test_rivals_are_compared_where_both_have_a_score() -> None:
    good: list[float | None] = [1.0] * 400
    poor: list[float | None] = [0.0, None] * 200
    better = decided(Stopping(rival="poor"), "unscored", columns(good), columns(poor), case_count=CASES)
    worse = decided(Stopping(rival="good"), "unscored", columns(poor), columns(good), case_count=CASES)
    assert "better than poor" in (better or "")
    assert "worse than good" in (worse or "")
    assert decided(Stopping(rival="good"), "unscored", columns(good), columns(good), case_count=CASES) is None


def test_of_several_agents_all_decisions_together_keep_the_promised_error() -> None:
    """Ten agents that are each just at the bound, looked at after every fifth case: without the division one in three
    runs would decide something."""
    random, wrong, runs = np.random.default_rng(0), 0, 200
    for _ in range(runs):
        for _ in range(10):
            scores = (random.random(120) < 0.7).astype(np.float64)
            looks = range(20, 121, 20)
            wrong_here = any(settle(scores[:seen], 0.7, error=0.05 / 10) is not None for seen in looks)
            if wrong_here:
                wrong += 1
                break
    assert wrong / runs <= 0.05


def test_more_agents_need_more_cases_and_the_sentence_says_for_how_many_it_holds() -> None:
    scores: list[float | None] = [1.0, 1.0, 1.0, 0.0] * 200
    alone, of_ten = (
        decided(Stopping(threshold=0.6), "unscored", columns(scores), None, case_count=CASES, decisions=decisions)
        for decisions in (1, 10)
    )
    assert alone is not None
    assert of_ten is not None
    needed = [int(told.split()[2]) for told in (alone, of_ten)]
    assert needed[0] < needed[1] < 800
    assert "seen when 800 were settled" in alone
    assert alone.endswith("wrong with a chance of at most 0.05.")
    assert of_ten.endswith("wrong with a chance of at most 0.05, as any of the 10 decisions of the run.")
