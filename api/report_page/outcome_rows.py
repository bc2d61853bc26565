"""Rows of the report that tell how questions ended, and what calls and faults cost."""

from typing import Any

from api.charts.marks import parts_bar
from api.figures import NOT_KNOWN, count, dollars
from core.runs import Run, RunAgent


def outcomes(run: Run) -> list[dict[str, Any]]:
    return [_outcome(agent) for agent in run.agents]


def _outcome(agent: RunAgent) -> dict[str, Any]:
    metrics, counts = agent.metrics, agent.counts
    unscored = metrics.unscored if metrics else max(0, counts.answered - counts.evaluated)
    scored = (metrics.answered if metrics else counts.answered) - unscored
    failed = metrics.failed if metrics else counts.failed
    pending = max(0, counts.total - scored - unscored - failed)
    label = f"{agent.agent_id}: {scored} scored, {unscored} unscored, {failed} failed, {pending} not settled"
    parts = [("part-scored", scored), ("part-open", unscored), ("part-failed", failed), ("part-pending", pending)]
    return {
        "name": agent.agent_id,
        "bar": parts_bar(parts, label=label),
        "coverage": agent.coverage,
        "validity": agent.validity,
        "scored": scored,
        "unscored": unscored,
        "failed": failed,
        "pending": pending,
    }


def receipts(run: Run) -> list[dict[str, Any]]:
    return [{"name": agent.agent_id, "cells": _receipt(agent)} for agent in run.agents]


def _receipt(agent: RunAgent) -> list[str]:
    ledger, metrics = agent.ledger, agent.metrics
    settled = agent.counts.answered + agent.counts.failed
    return [
        count(settled + metrics.retried_calls if metrics else None),
        count(metrics.retried_calls if metrics else None),
        count(ledger.unknown_calls),
        count(ledger.resent_calls),
        count(ledger.late_answers),
        count(ledger.wasted_tokens),
        dollars(ledger.wasted_usd),
    ]


def spent(run: Run) -> float | None:
    """Dollars that the answers cost, of agents whose prices are known; None where none is."""
    known = [agent.metrics.cost.total_usd for agent in run.agents if agent.metrics]
    told = [cost for cost in known if cost is not None]
    return sum(told) if told else None


def unpriced(run: Run) -> str:
    missing = sum(agent.metrics.cost.unknown for agent in run.agents if agent.metrics)
    return (
        f"{missing:,} answers without a price"
        if missing
        else "every price known"
        if spent(run) is not None
        else NOT_KNOWN
    )
