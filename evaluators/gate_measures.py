"""What gates look at: one figure of an agent, with its interval where it has one, and how it is written."""

from typing import NamedTuple

from core.errors import listed
from core.gates import SCORES, GateMetric, Rule, Threshold
from core.metrics import AgentMetrics, Interval, Latency, LatencyFigure, Mean, Proportion
from core.runs import RunAgent

OF_LATENCY: dict[GateMetric, LatencyFigure] = {
    "latency_mean_s": "mean",
    "latency_p50_s": "p50",
    "latency_p95_s": "p95",
    "latency_p99_s": "p99",
}
SEEN: frozenset[GateMetric] = frozenset({"coverage", "failed_share", "cost_total_usd"})
"""Figures of the run as it was: what was seen, and no estimate."""


class Measured(NamedTuple):
    """`low` and `high` are the value itself where the figure is what was `SEEN`, and None where so few answers or
    clusters do not bound it on that side."""

    value: float
    low: float | None
    high: float | None


def measured(agent: RunAgent, rule: Rule) -> Measured | None:
    """The figure that the rule is about; None where it is not known."""
    metrics = agent.metrics
    if metrics is None:
        return None
    if rule.metric in SCORES:
        return _score(agent, rule)
    k = rule.k if isinstance(rule, Threshold) else None
    value = _value(agent, metrics, rule.metric, k)
    if value is None:
        return None
    if rule.metric in SEEN:
        return Measured(value, value, value)
    interval = _interval(metrics, rule.metric, k)
    return Measured(value, interval and interval.low, interval and interval.high)


def why_unknown(agent: RunAgent, rule: Rule) -> str:
    """Why the agent has no such figure, and where to look instead."""
    metrics = agent.metrics
    if metrics is None:
        return "the agent has no figures"
    if rule.category is not None and rule.category not in metrics.category_scores:
        return f"the categories are {listed(list(metrics.category_scores))}"
    if rule.evaluator is not None and rule.evaluator not in (names := [each.evaluator for each in metrics.scores]):
        return f"the evaluators are {listed(names)}"
    if rule.metric == "accuracy" and _estimates(metrics, rule)[1] is not None:
        return "the scores are graded, and the metric `score` is their mean"
    if isinstance(rule, Threshold) and rule.k is not None and metrics.trials is not None:
        return f"with these trials k may be {', '.join(map(str, metrics.trials.pass_hat_k))}"
    return "nothing was recorded to tell it from"


def written(metric: GateMetric, value: float) -> str:
    """The figure as people read it: percent, seconds, dollars."""
    if metric.endswith("_s"):
        return f"{value:.3g} s"
    if metric.endswith("_usd"):
        return f"${value:.3g}"
    return f"{value:,.1f}" if metric == "output_tokens_per_answer" else f"{value:.1%}"


def between(metric: GateMetric, low: float | None, high: float | None) -> str:
    """An interval as people read it; open where nothing bounds it."""
    if low is not None and high is not None:
        return f"{written(metric, low)} to {written(metric, high)}"
    if low is None and high is None:
        return "without bounds"
    return f"from {written(metric, low)}" if low is not None else f"up to {written(metric, high or 0.0)}"


def estimated(agent: RunAgent, rule: Rule) -> Proportion | Mean | None:
    """What the rule is about where that is a share of right answers or a mean score."""
    if agent.metrics is None or rule.metric not in SCORES:
        return None
    accuracy, mean = _estimates(agent.metrics, rule)
    return accuracy if rule.metric == "accuracy" else mean


def _score(agent: RunAgent, rule: Rule) -> Measured | None:
    found = estimated(agent, rule)
    if found is None or found.low is None or found.high is None:
        return None
    return Measured(found.value, found.low, found.high)


def _estimates(metrics: AgentMetrics, rule: Rule) -> tuple[Proportion | None, Mean | None]:
    if rule.category is not None:
        category = metrics.category_scores.get(rule.category)
        return (None, None) if category is None else (category.accuracy, category.mean)
    if rule.evaluator is not None:
        score = next((each for each in metrics.scores if each.evaluator == rule.evaluator), None)
        return (None, None) if score is None else (score.accuracy, score.mean)
    return metrics.accuracy, metrics.score


def _value(agent: RunAgent, metrics: AgentMetrics, metric: GateMetric, k: int | None) -> float | None:
    trials, settled = metrics.trials, metrics.answered + metrics.failed
    match metric:
        case "pass_at_k":
            return None if trials is None else trials.pass_at_k.get(k or 0)
        case "pass_hat_k":
            return None if trials is None else trials.pass_hat_k.get(k or 0)
        case "consistency":
            return metrics.consistency
        case "flip_rate":
            return None if trials is None else trials.flip_rate
        case "coverage":
            return agent.coverage
        case "failed_share":
            return metrics.failed / settled if settled else None
        case "cost_total_usd" | "cost_per_answer_usd" | "cost_per_correct_usd":
            # A sum that leaves unknown prices out would pass a bound it does not keep.
            return None if metrics.cost.unknown else getattr(metrics.cost, metric.removeprefix("cost_"))
        case "output_tokens_per_answer":
            return metrics.tokens.per_answer
        case _:
            return _seconds(metrics.latency, metric)


def _interval(metrics: AgentMetrics, metric: GateMetric, k: int | None) -> Interval | None:
    """None where fewer than two clusters tell of it, and in runs from before there were intervals."""
    trials = metrics.trials
    match metric:
        case "pass_at_k":
            return None if trials is None else trials.pass_at_k_intervals.get(k or 0)
        case "pass_hat_k":
            return None if trials is None else trials.pass_hat_k_intervals.get(k or 0)
        case "consistency":
            return metrics.consistency_interval
        case "flip_rate":
            return None if trials is None else trials.flip_rate_interval
        case "cost_per_answer_usd":
            return metrics.cost.per_answer_interval
        case "cost_per_correct_usd":
            return metrics.cost.per_correct_interval
        case "output_tokens_per_answer":
            return metrics.tokens.per_answer_interval
        case "latency_mean_s" | "latency_p50_s" | "latency_p95_s" | "latency_p99_s":
            figure = OF_LATENCY[metric]
            return None if metrics.latency is None else metrics.latency.intervals.get(figure)
        case _:
            return None


def _seconds(latency: Latency | None, metric: GateMetric) -> float | None:
    return None if latency is None else getattr(latency, OF_LATENCY[metric])
