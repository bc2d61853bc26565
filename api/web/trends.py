"""How agents' scores went over the runs of a benchmark or a schedule."""

from collections.abc import Sequence
from typing import Any, Final

from api.charts.trends import Line, Point, score_trend
from api.report_page.agent_rows import figure_of, is_right_or_wrong
from core.runs import Run

MOST_RUNS: Final = 60
MOST_AGENTS: Final = 8


def trend_of(runs: Sequence[Run]) -> dict[str, Any] | None:
    """The chart of completed runs, given newest first; None of fewer than two. Of runs over other questions than the
    newest one's it says how many were left out: their scores would be others."""
    done = [run for run in runs if run.status == "completed" and any(agent.metrics for agent in run.agents)]
    alike = [run for run in done if run.case_set == done[0].case_set][:MOST_RUNS][::-1]
    if len(alike) < 2:
        return None
    lines = _lines(alike)
    return {
        "chart": score_trend(lines, [run.created_at for run in alike]),
        "legend": [(line.name, line.number) for line in lines],
        "runs": len(alike),
        "left_out": len(done) - len(alike),
    }


def _lines(runs: Sequence[Run]) -> list[Line]:
    right_or_wrong = all(is_right_or_wrong(run.agents) for run in runs)
    points: dict[str, list[Point]] = {}
    for place, run in enumerate(runs):
        for agent in run.agents:
            found = figure_of(agent.metrics, right_or_wrong=right_or_wrong) if agent.metrics else None
            if found is not None:
                points.setdefault(agent.agent_id, []).append(Point(place, found.value, found.low, found.high))
    return [Line(name, number, told) for number, (name, told) in enumerate(points.items()) if number < MOST_AGENTS]
