"""Runs as rows of a list."""

from collections.abc import Sequence
from typing import Any, Final

from api.figures import duration
from api.report_page.agent_rows import figure_of, is_right_or_wrong, scored_agents, told, told_interval
from api.report_page.outcome_rows import spent
from core.runs import ENDED, Run

MOST_SCORES: Final = 3
"""Agents whose scores are told in a row: the first ones, as the definition orders them."""


def run_rows(runs: Sequence[Run]) -> list[dict[str, Any]]:
    return [run_row(run) for run in runs]


def run_row(run: Run) -> dict[str, Any]:
    scored = scored_agents(run.agents)
    right_or_wrong = is_right_or_wrong(run.agents)
    found = [(agent.agent_id, figure_of(metrics, right_or_wrong=right_or_wrong)) for agent, metrics in scored]
    scores = [
        {
            "name": name,
            "value": told(figure, right_or_wrong=right_or_wrong),
            "interval": told_interval(figure, right_or_wrong=right_or_wrong),
        }
        for name, figure in found[:MOST_SCORES]
    ]
    return {
        "run": run,
        "ended": run.status in ENDED,
        "scores": scores,
        "more": len(found) - len(scores),
        "spent": spent(run),
        "took": duration(run.started_at, run.completed_at),
    }
