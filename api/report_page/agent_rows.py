"""Rows of the report about agents: their figures, evaluator by evaluator and category by category."""

from collections.abc import Sequence
from typing import Any, Final

from api.charts.marks import interval_mark
from api.figures import NOT_KNOWN, count, dollars, reach, score, seconds, share
from core.leaderboards import Standing
from core.metrics import AgentMetrics, Category, Interval, Mean, Proportion, ScoreSummary
from core.runs import RunAgent

LEVELS: Final = 10
"""Shades of the heat map."""
MOST_CATEGORIES: Final = 40
MOST_COLUMNS: Final = 16
Estimate = Proportion | Mean | None


def scored_agents(agents: Sequence[RunAgent]) -> list[tuple[RunAgent, AgentMetrics]]:
    return [(agent, agent.metrics) for agent in agents if agent.metrics is not None and agent.metrics.score is not None]


def is_right_or_wrong(agents: Sequence[RunAgent]) -> bool:
    """Whether every agent's scores are right or wrong: then their share is told, else the mean score."""
    return all(metrics.accuracy is not None for _, metrics in scored_agents(agents))


def figure_of(metrics: AgentMetrics, *, right_or_wrong: bool) -> Estimate:
    return score(metrics) if right_or_wrong else metrics.score


def told(found: Estimate, *, right_or_wrong: bool) -> str:
    if found is None:
        return NOT_KNOWN
    return share(found.value) if right_or_wrong else f"{found.value:.3f}"


def told_interval(found: Estimate, *, right_or_wrong: bool) -> str:
    if found is None or found.low is None or found.high is None:
        return "no interval" if found is not None else ""
    if right_or_wrong:
        return reach(share(found.low), share(found.high))
    return reach(f"{found.low:.3f}", f"{found.high:.3f}")


def figures(agents: Sequence[RunAgent]) -> list[dict[str, Any]]:
    right_or_wrong = is_right_or_wrong(agents)
    return [_figures(agent.agent_id, metrics, right_or_wrong) for agent, metrics in scored_agents(agents)]


def _figures(name: str, metrics: AgentMetrics, right_or_wrong: bool) -> dict[str, Any]:
    found = figure_of(metrics, right_or_wrong=right_or_wrong)
    assert found is not None
    value, interval = (each(found, right_or_wrong=right_or_wrong) for each in (told, told_interval))
    latency, cost, tokens = metrics.latency, metrics.cost, metrics.tokens
    intervals = latency.intervals if latency else {}
    return {
        "name": name,
        "score": value,
        "interval": interval,
        "n": found.n,
        "clusters": found.clusters,
        "mark": interval_mark(
            (found.value, found.low, found.high),
            (0.0, 1.0),
            tone="plain",
            label=f"{name}: {value}, interval {interval}",
        ),
        "others": [
            (seconds(latency.p50 if latency else None), bounds(intervals.get("p50"), seconds)),
            (seconds(latency.p95 if latency else None), bounds(intervals.get("p95"), seconds)),
            (count(tokens.per_answer), bounds(tokens.per_answer_interval, count)),
            (dollars(cost.per_answer_usd), bounds(cost.per_answer_interval, dollars)),
        ],
    }


def bounds(interval: Interval | None, told: Any) -> str:
    """Its ends, each told by this function; nothing of none."""
    return "" if interval is None else reach(told(interval.low), told(interval.high))


def ranks(standings: Sequence[Standing]) -> dict[str, str]:
    """By agent the places it may have."""
    return {
        each.agent_id: str(each.rank_low) if each.rank_low == each.rank_high else f"{each.rank_low} to {each.rank_high}"
        for each in standings
    }


def by_evaluator(agents: Sequence[RunAgent], labels: Sequence[str]) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = []
    for agent, metrics in scored_agents(agents):
        scores = {each.evaluator: each for each in metrics.scores}
        rows.append({"name": agent.agent_id, "cells": [_summary(scores.get(label)) for label in labels]})
    return rows


def _summary(found: ScoreSummary | None) -> dict[str, Any]:
    if found is None:
        return {"value": NOT_KNOWN, "interval": "", "extras": []}
    extras = [
        f"{name} {figure.value:.3f}"
        + ("" if figure.low is None or figure.high is None else f" ({figure.low:.3f} to {figure.high:.3f})")
        for name, figure in found.figures.items()
    ]
    if found.unscored:
        extras.append(f"{found.unscored:,} unscored")
    return {
        "value": told(found.mean, right_or_wrong=False),
        "interval": told_interval(found.mean, right_or_wrong=False),
        "extras": extras,
    }


def is_composed(agents: Sequence[RunAgent]) -> bool:
    """Whether an evaluator tells figures of all answers together."""
    return any(each.figures for _, metrics in scored_agents(agents) for each in metrics.scores)


def heat(agents: Sequence[RunAgent]) -> tuple[list[dict[str, Any]], list[str], int]:
    """Rows by category, the agents across, and how many categories are not shown: the largest are."""
    known = scored_agents(agents)[:MOST_COLUMNS]
    sizes: dict[str, int] = {}
    for _, metrics in known:
        for name, category in metrics.category_scores.items():
            sizes[name] = sizes.get(name, 0) + category.scored
    if len(sizes) < 2:
        return [], [], 0
    right_or_wrong = is_right_or_wrong(agents)
    chosen = sorted(sizes, key=lambda name: (-sizes[name], name))[:MOST_CATEGORIES]
    rows = [
        {"name": name, "cells": [_cell(metrics.category_scores.get(name), right_or_wrong) for _, metrics in known]}
        for name in sorted(chosen)
    ]
    return rows, [agent.agent_id for agent, _ in known], len(sizes) - len(chosen)


def _cell(category: Category | None, right_or_wrong: bool) -> dict[str, Any]:
    found = None if category is None else (category.accuracy or category.mean) if right_or_wrong else category.mean
    if category is None or found is None:
        return {"value": NOT_KNOWN, "interval": "", "n": "", "level": None}
    return {
        "value": told(found, right_or_wrong=right_or_wrong),
        "interval": told_interval(found, right_or_wrong=right_or_wrong),
        "n": f"of {category.scored:,}",
        "level": min(LEVELS - 1, int(found.value * LEVELS)),
    }
