"""What gates look at: one figure of an agent, with its interval where it has one, and how it is written."""

from typing import NamedTuple

from core.errors import listed
from core.gates import GateMetric, Rule, Threshold
from core.metrics import AgentMetrics, Latency, Mean, Proportion
from core.runs import RunAgent


class Measured(NamedTuple):
    """`low` and `high` are the value itself where the figure has no interval."""

    value: float
    low: float
    high: float


def measured(agent: RunAgent, rule: Rule) -> Measured | None:
    """The figure that the rule is about; None where it is not known."""
    metrics = agent.metrics
    if metrics is None:
        return None
    if rule.metric in ("accuracy", "score"):
        return _score(metrics, rule)
    value = _value(agent, metrics, rule.metric, rule.k if isinstance(rule, Threshold) else None)
    return None if value is None else Measured(value, value, value)


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


def _score(metrics: AgentMetrics, rule: Rule) -> Measured | None:
    accuracy, mean = _estimates(metrics, rule)
    found = accuracy if rule.metric == "accuracy" else mean
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


def _seconds(latency: Latency | None, metric: GateMetric) -> float | None:
    return None if latency is None else getattr(latency, metric.removeprefix("latency_").removesuffix("_s"))
