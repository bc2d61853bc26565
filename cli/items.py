"""Single answers as people read them: what was asked, what was wanted, what was said, and every evaluator's score."""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, cast

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from cli.client import Client
from cli.connection import connect
from cli.figures import money, seconds
from cli.output import put_json, say, show
from cli.steering import run_id_of
from core.preferences import BENCHMARK_TYPE

SHOWN: Final = 300
"""Characters of a question or an answer; `--json` has more."""


def list_items(api: str | None, name: str, wanted: Mapping[str, Any], *, limit: int, as_json: bool) -> None:
    with connect(api) as client:
        run_id = run_id_of(client, name)
        path = f"/v1/runs/{run_id}/items"
        query = {key: str(value).lower() if isinstance(value, bool) else value for key, value in wanted.items()}
        found = list(client.listing(path, most=limit, **query))
        if not as_json and found:
            run = client.get(f"/v1/runs/{run_id}")
            if run["benchmark_type"] == BENCHMARK_TYPE:
                found = [_both_sides(client, run, item) for item in found]
    if as_json:
        put_json(found)
        return
    if not found:
        say("No answer fits.")
        return
    show(items_view(found))


def items_view(items: list[Mapping[str, Any]]) -> RenderableType:
    """`items` as the API tells them."""
    return Group(*(part for item in items for part in (_headline(item), _said(item))))


def _headline(item: Mapping[str, Any]) -> Text:
    # What an agent or a dataset says may look like markup; Text takes it as it is.
    trial = f" (trial {item['trial'] + 1})" if item.get("trial") else ""
    text = Text.assemble((item["case_id"], "bold"), trial, f"  {item['agent_id']}")
    scores: list[Mapping[str, Any]] = item.get("scores") or []
    for score in scores:
        text.append(f"  {score['evaluator']} ")
        text.append(*_score(score.get("value")))
    if item["status"] == "failed":
        text.append(f"  failed: {item.get('cause') or 'unknown'}", style="red")
    known = (item.get("category"), _or_none(seconds, item.get("latency_s")), _or_none(money, item.get("cost_usd")))
    text.append("".join(f"  {part}" for part in known if part), style="dim")
    return text


def _score(value: float | None) -> tuple[str, str]:
    """The score and its colour."""
    if value is None:
        return "unscored", "yellow"
    return f"{value:.3g}", "green" if value == 1 else "red" if value == 0 else "yellow"


def _said(item: Mapping[str, Any]) -> Table:
    table = Table.grid(padding=(0, 1))
    table.add_column(style="dim", no_wrap=True)
    table.add_column(overflow="fold")
    failed = item["status"] == "failed"
    answer = ("problem", item.get("detail"), "red") if failed else ("answer", item.get("text"), "")
    asked = (("question", item.get("input"), ""), ("expected", item.get("expected"), ""))
    called = ("called", _called(item.get("tool_calls") or []), "")
    sides: Mapping[str, str | None] = item.get("sides") or {}
    told: list[tuple[str, Any, str]] = [
        *asked,
        *([(name, text, "") for name, text in sides.items()] or [answer]),
        called,
    ]
    scores: Sequence[Mapping[str, Any]] = item.get("scores") or []
    for score in scores:
        told += _judged(score)
    for label, said, style in told:
        if said is not None:
            table.add_row(f"  {label}", Text(_excerpt(str(said)), style=style))
    return table


def _both_sides(client: Client, run: Mapping[str, Any], item: Mapping[str, Any]) -> Mapping[str, Any]:
    """The item with what each side of its match answered: that stands in its case, which a list leaves out."""
    match: Mapping[str, Any] = run["config"]["agents"][int(item["agent_no"])]["agent"]
    case: Mapping[str, Any] = client.get(str(item["link"])).get("case") or {}
    answers: Mapping[str, Sequence[str | None]] = case.get("metadata", {}).get("answers", {})
    sides = {str(match[side]): answers.get(str(match[side]), ()) for side in ("first", "second")}
    trial = int(item["trial"])
    return {**item, "sides": {name: given[trial] for name, given in sides.items() if trial < len(given)}}


def _judged(score: Mapping[str, Any]) -> Iterator[tuple[str, Any, str]]:
    """Every judge's vote with its reason, and why there is no score where there is none."""
    details: Mapping[str, Any] = score.get("details") or {}
    ballots: Sequence[Mapping[str, Any]] = details.get("ballots") or []
    for ballot in ballots:
        order = " (places swapped)" if ballot["order"] == "swapped" else ""
        why = str(ballot.get("rationale") or ballot.get("trouble") or "")
        yield "judge", f"{ballot['judge']}{order}: {ballot['verdict'] or 'no verdict'}. {why}".rstrip(), "dim"
    if score.get("value") is None and score.get("reason"):
        yield "unscored", f"{score['evaluator']}: {score['reason']}", "yellow"


def _called(calls: Sequence[Mapping[str, Any]]) -> str | None:
    """`area(base=10)`, as many as there are; None where no tool was called."""
    return ", ".join(f"{call['name']}({_arguments(call['arguments'])})" for call in calls) or None


def _arguments(given: Any) -> str:
    if not isinstance(given, Mapping):
        return str(given)
    return ", ".join(f"{name}={json.dumps(value)}" for name, value in cast("Mapping[str, Any]", given).items())


def _excerpt(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= SHOWN else line[: SHOWN - 1] + "…"


def _or_none(told: Any, value: float | None) -> str | None:
    return None if value is None else told(value)
