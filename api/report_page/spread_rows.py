"""Rows and charts of the report about how seconds, scores, costs and repeated answers are spread."""

from collections.abc import Mapping
from typing import Any, Final

from api.charts.marks import parts_bar
from api.charts.plots import latency_curves, offers_of, quality_over_cost, score_columns
from api.figures import NOT_KNOWN, count, dollars, score, seconds, share
from api.report_page.agent_rows import bounds, scored_agents
from core.metrics import AgentMetrics, LatencyFigure, TrialMetrics
from core.reports import Findings, Steadiness
from core.runs import Run

LATENCIES: Final[tuple[LatencyFigure, ...]] = ("mean", "p50", "p90", "p95", "p99")
Series = Mapping[str, int]
"""By agent its place in the run, which decides its colour."""


def latency(run: Run, findings: Findings, series: Series) -> dict[str, Any] | None:
    if not findings.latency:
        return None
    numbers = [series[curve.agent_id] for curve in findings.latency]
    return {
        "chart": latency_curves(findings.latency, numbers),
        "legend": [(curve.agent_id, series[curve.agent_id]) for curve in findings.latency],
        "rows": [
            {"name": agent.agent_id, "cells": _latencies(agent.metrics)}
            for agent in run.agents
            if agent.metrics and agent.metrics.latency
        ],
    }


def _latencies(metrics: AgentMetrics) -> list[tuple[str, str]]:
    found = metrics.latency
    assert found is not None
    cells = [(seconds(getattr(found, name)), bounds(found.intervals.get(name), seconds)) for name in LATENCIES]
    return [*cells, (seconds(found.max), "")]


def spending(run: Run) -> list[dict[str, Any]]:
    """Nothing where nobody said a token or a price."""
    known = [(agent, agent.metrics) for agent in run.agents if agent.metrics]
    if not any(m.tokens.output is not None or m.cost.total_usd is not None for _, m in known):
        return []
    return [{"name": agent.agent_id, "cells": _spending(metrics)} for agent, metrics in known]


def _spending(metrics: AgentMetrics) -> list[tuple[str, str]]:
    cost, rate = metrics.cost, metrics.tokens_per_second
    return [
        (count(metrics.tokens.input), ""),
        (count(metrics.tokens.output), ""),
        (NOT_KNOWN if rate is None else f"{rate:,.1f}", bounds(metrics.tokens_per_second_interval, count)),
        (dollars(cost.total_usd), ""),
        (dollars(cost.per_answer_usd), bounds(cost.per_answer_interval, dollars)),
        (dollars(cost.per_correct_usd), bounds(cost.per_correct_interval, dollars)),
        (count(cost.unknown), ""),
    ]


def pareto(run: Run, series: Series) -> dict[str, Any] | None:
    """Of two agents or more whose costs are known."""
    known = [
        (agent.agent_id, series[agent.agent_id], cost, found.value, found.low, found.high)
        for agent, metrics in scored_agents(run.agents)
        if (cost := metrics.cost.per_answer_usd) is not None and (found := score(metrics)) is not None
    ]
    if len(known) < 2:
        return None
    offers = offers_of(known)
    return {"chart": quality_over_cost(offers), "best": [offer.agent_id for offer in offers if offer.best]}


def histograms(findings: Findings, series: Series) -> list[tuple[str, Any]]:
    return [(each.agent_id, score_columns(each, series[each.agent_id])) for each in findings.scores]


def histogram_rows(findings: Findings) -> list[dict[str, Any]]:
    if not findings.scores:
        return []
    bins = len(findings.scores[0].counts)
    return [
        {"name": f"{at / bins:.2f} to {(at + 1) / bins:.2f}", "cells": [each.counts[at] for each in findings.scores]}
        for at in range(bins)
    ]


def trials(run: Run, findings: Findings) -> list[dict[str, Any]]:
    steady = {each.agent_id: each for each in findings.steadiness}
    return [
        {"name": agent.agent_id, **_steadiness(steady.get(agent.agent_id)), "cells": _trials(agent.metrics, found)}
        for agent in run.agents
        if agent.metrics and (found := agent.metrics.trials)
    ]


def _steadiness(found: Steadiness | None) -> dict[str, Any]:
    if found is None:
        return {"mark": "", "spread": ""}
    never, between, always = found.cases[0], sum(found.cases[1:-1]), found.cases[-1]
    spread = f"{always:,} always, {between:,} now and then, {never:,} never right, of {found.trials} trials each"
    parts = [("part-right", float(always)), ("part-open", float(between)), ("part-wrong", float(never))]
    return {"mark": parts_bar(parts, label=f"{found.agent_id}: {spread}"), "spread": spread}


def _trials(metrics: AgentMetrics, found: TrialMetrics) -> list[tuple[str, str]]:
    most = max(found.pass_at_k, default=0)
    alike = metrics.semantic_consistency
    ends = "" if alike is None or alike.low is None or alike.high is None else f"{alike.low:.3f} to {alike.high:.3f}"
    return [
        (share(metrics.consistency), bounds(metrics.consistency_interval, share)),
        (share(found.flip_rate), bounds(found.flip_rate_interval, share)),
        (share(found.pass_at_k.get(most)), bounds(found.pass_at_k_intervals.get(most), share)),
        (share(found.pass_hat_k.get(most)), bounds(found.pass_hat_k_intervals.get(most), share)),
        (NOT_KNOWN if alike is None else f"{alike.value:.3f}", ends),
    ]
