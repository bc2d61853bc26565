"""Single answers as people read them: what was asked, what was wanted, what was said, and every evaluator's score."""

import json
from collections.abc import Mapping, Sequence
from typing import Any, Final, cast

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from cli.connection import connect
from cli.figures import money, seconds
from cli.output import put_json, say, show
from cli.steering import run_id_of

SHOWN: Final = 300
"""Characters of a question or an answer; `--json` has more."""


def list_items(api: str | None, name: str, wanted: Mapping[str, Any], *, limit: int, as_json: bool) -> None:
    with connect(api) as client:
        path = f"/v1/runs/{run_id_of(client, name)}/items"
        query = {key: str(value).lower() if isinstance(value, bool) else value for key, value in wanted.items()}
        found = list(client.listing(path, most=limit, **query))
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
    for label, said, style in (*asked, answer, ("called", _called(item.get("tool_calls") or []), "")):
        if said is not None:
            table.add_row(f"  {label}", Text(_excerpt(str(said)), style=style))
    return table


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
