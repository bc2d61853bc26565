"""`benchmark leaderboard`: agents in order, with the places that chance allows."""

from collections.abc import Mapping
from typing import Any

from rich.box import SIMPLE_HEAD
from rich.table import Table
from rich.text import Text

from cli.connection import connect
from cli.figures import NOT_KNOWN, accuracy, interval, money, seconds, share, thousands
from cli.output import put_json, say, show
from core.metrics import Mean, Proportion

COLUMNS = ("rank", "agent", "settings", "score", "95 % interval", "scored", "per answer", "p50", "not told from")


def show_leaderboard(api: str | None, benchmark: str, *, case_set: str | None, limit: int, as_json: bool) -> None:
    """Raises CommandError."""
    with connect(api) as client:
        found = client.get("/v1/leaderboards", benchmark=benchmark, case_set=case_set, limit=limit)
    if as_json:
        put_json(found)
        return
    show(Text(f"{found['benchmark']}  {thousands(found['cases'])} cases, by {found['evaluator']}", style="bold"))
    show(_table(found))
    show(Text(found["sentence"]))
    for left in found["left_out"]:
        say(f"Left out: {left['agent_id']} ({left['settings']}) of {left['run_id']}. {left['reason']}")
    for other in found["other_case_sets"]:
        say(f"{other['runs']} runs asked other cases: --case-set {other['case_set']}")


def _table(found: Mapping[str, Any]) -> Table:
    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    for column in COLUMNS:
        table.add_column(column, overflow="fold")
    for row in found["standings"]:
        known = row["accuracy"] and Proportion.model_validate(row["accuracy"], extra="ignore")
        mean = Mean.model_validate(row["score"], extra="ignore")
        latency = row["latency_p50_s"]
        table.add_row(
            _rank(row),
            Text(row["agent_id"]),
            Text(_settings(row)),
            accuracy(known, mean),
            interval(known, mean),
            share(row["coverage"]),
            money(row["cost_per_answer_usd"]),
            NOT_KNOWN if latency is None else seconds(latency),
            Text(", ".join(row["tied_with"])),
        )
    return table


def _settings(row: Mapping[str, Any]) -> str:
    """`v3 1f2e3d4c5b6a` of the third version of a stored agent."""
    version = row["agent_version"]
    return row["settings"] if version is None else f"v{version} {row['settings']}"


def _rank(row: Mapping[str, Any]) -> str:
    """`2`, or `2 (1-3)` where others may be as good."""
    low, high = row["rank_low"], row["rank_high"]
    return str(row["rank"]) if low == high == row["rank"] else f"{row['rank']} ({low}-{high})"
