"""Leaderboards: places are as wide as what the agents' cases can tell."""

from dataclasses import replace

import numpy as np

from core.columns import CaseColumns
from evaluators.comparability import Side
from evaluators.leaderboard import standings
from evaluators.statistics.arrays import Integers
from tests.evaluators.cases import columns, scores
from tests.evaluators.test_gate import metrics, ran, run

PASSAGES = np.repeat(np.arange(8), 25)


def about(known: int, rows: Integers) -> CaseColumns:
    """An agent that knows so many passages, with these cases; clusters are numbered as they occur."""
    every = columns(scores((PASSAGES[rows] < known).astype(np.float64)))
    return replace(every, case_index=rows, cluster=np.unique(PASSAGES[rows], return_inverse=True)[1].astype(np.int64))


def test_clusters_are_the_same_whoever_lacks_some_of_their_cases() -> None:
    agents = run(ran(metrics(5, 8), name="a"), ran(metrics(4, 8), name="b"))
    config = agents.config.model_copy(update={"agents": agents.config.agents[:1] * 2})
    sides = [Side(agents.model_copy(update={"config": config}), number) for number in range(2)]
    found = standings(sides, [about(5, np.arange(100)), about(4, np.arange(50, 200))])
    assert [(each.agent_id, each.rank_low, each.rank_high) for each in found] == [("a", 1, 2), ("b", 1, 2)]
    found = standings(sides, [about(8, np.arange(200)), about(1, np.arange(25, 200))])
    assert [(each.agent_id, each.rank_low, each.rank_high) for each in found] == [("a", 1, 1), ("b", 2, 2)]
