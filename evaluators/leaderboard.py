"""Puts agents in order: by their figures, with the places that pairwise differences leave open."""

from collections import Counter
from collections.abc import Sequence
from typing import Any, cast

import numpy as np

from core.columns import CaseColumns
from core.leaderboards import Standing
from evaluators.comparability import Side
from evaluators.statistics.arrays import Floats, Integers
from evaluators.statistics.ranks import better_than, rank_ranges, ranks


def standings(sides: Sequence[Side], columns: Sequence[CaseColumns]) -> tuple[Standing, ...]:
    """The best first. All sides have figures, and were asked the same cases; the first evaluator of each decides."""
    means = _means(columns)
    better = better_than(means, _clusters(columns, means.shape[1]))
    ranges = rank_ranges(better)
    values = np.array([_value(side) for side in sides])
    places = ranks(values)
    names = told_apart([(side.agent.agent_id, side.settings) for side in sides])
    found = [
        _standing(
            side,
            rank=int(places[at]),
            rank_low=ranges[at].low,
            rank_high=ranges[at].high,
            tied_with=tuple(
                name
                for other, name in enumerate(names)
                if other != at and not better[at, other] and not better[other, at]
            ),
        )
        for at, side in enumerate(sides)
    ]
    return tuple(sorted(found, key=lambda standing: (standing.rank, standing.rank_low, standing.agent_id)))


def sentence(found: Sequence[Standing]) -> str:
    """Who leads, and whether alone."""
    names = told_apart([(standing.agent_id, standing.settings) for standing in found])
    if len(found) == 1:
        return f"{names[0]} is the only agent."
    first = [name for name, standing in zip(names, found, strict=True) if standing.rank_low == 1]
    if len(first) == 1:
        return f"{first[0]} leads alone."
    several = f"{', '.join(first[:-1])} and {first[-1]}"
    return f"{several} may each be the best: chance explains what lies between them."


def told_apart(agents: Sequence[tuple[str, str]]) -> list[str]:
    """The names of these (name, settings), with the settings where a name stands for several."""
    often = Counter(name for name, _ in agents)
    return [name if often[name] == 1 else f"{name} ({settings})" for name, settings in agents]


def _means(columns: Sequence[CaseColumns]) -> Floats:
    """(agents, cases); nan where a case has no score."""
    size = max((int(each.case_index.max()) + 1 for each in columns if len(each.case_index)), default=0)
    means = np.full((len(columns), size), np.nan)
    for row, each in enumerate(columns):
        means[row, each.case_index] = each.evaluators[0].means
    return means


def _clusters(columns: Sequence[CaseColumns], size: int) -> Integers | None:
    """(cases,) one number for each cluster, and for each case that stands alone; None where all do.

    Each agent's columns number the clusters of its own cases; a cluster is what they connect.
    """
    from scipy.sparse import coo_array  # pyright: ignore[reportMissingTypeStubs]
    from scipy.sparse.csgraph import (  # pyright: ignore[reportMissingTypeStubs]
        connected_components,  # pyright: ignore[reportUnknownVariableType]
    )

    cases: list[Integers] = []
    named: list[Integers] = []
    nodes = size
    for each in columns:
        if each.cluster is not None:
            within = each.cluster >= 0
            cases.append(each.case_index[within])
            named.append(nodes + each.cluster[within])
            nodes += int(each.cluster.max(initial=-1)) + 1
    if not cases:
        return None
    rows, places = np.concatenate(cases), np.concatenate(named)
    links = coo_array((np.ones(len(rows)), (rows, places)), shape=(nodes, nodes))
    found: tuple[int, Integers] = cast("Any", connected_components)(links, directed=False)
    return found[1][:size].astype(np.int64)


def _value(side: Side) -> float:
    metrics = side.agent.metrics
    return metrics.score.value if metrics and metrics.score else 0.0


def _standing(side: Side, *, rank: int, rank_low: int, rank_high: int, tied_with: tuple[str, ...]) -> Standing:
    metrics = side.agent.metrics
    if metrics is None or metrics.score is None:
        raise ValueError(f"The agent {side.agent.agent_id!r} has no score to rank it by.")
    return Standing(
        rank=rank,
        rank_low=rank_low,
        rank_high=rank_high,
        agent_id=side.agent.agent_id,
        settings=side.settings,
        agent_version=None,
        run_id=side.run.run_id,
        accuracy=metrics.accuracy,
        score=metrics.score,
        coverage=side.agent.coverage,
        tied_with=tied_with,
        cost_per_answer_usd=metrics.cost.per_answer_usd,
        latency_p50_s=None if metrics.latency is None else metrics.latency.p50,
    )
