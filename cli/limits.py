"""Provider keys and their limits, read and changed through the API."""

from collections.abc import Sequence
from typing import Any

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from benchmark_client.requests import name as path_part
from cli.connection import connect
from cli.figures import NOT_KNOWN, rate, thousands
from cli.output import put_json, say, show
from core.limit_views import KeyView, LimitRule
from core.limits import Limits


def list_limits(api: str | None, *, limit: int, as_json: bool) -> None:
    with connect(api) as client:
        found: list[Any] = list(client.listing("/v1/limits", most=limit))
        rules: list[Any] = [] if as_json else client.get("/v1/limits/rules")["items"]
    if as_json:
        put_json(found)
        return
    if found:
        show(keys_view([KeyView.model_validate(data, extra="ignore") for data in found]))
    else:
        say("No call went by a provider key yet.")
    if rules:
        # A rule may wait for keys that nobody has asked by yet.
        show(Group(Text("Rules:"), _rules_table([LimitRule.model_validate(data, extra="ignore") for data in rules])))


def keys_view(keys: Sequence[KeyView]) -> RenderableType:
    """A few lines for each key: its origin, credential, model and pace, what stands in the way, and its runs."""
    return Group(*(line for key in keys for line in _lines(key)))


def _lines(key: KeyView) -> list[Text]:
    name = " ".join(part for part in (key.origin, key.credential, key.model) if part)
    pace = "as fast as runs ask" if key.calls_per_second is None else f"{rate(key.calls_per_second)} calls/s are tried"
    lines = [Text.assemble((name, "bold"), f"  {key.key_id}"), Text(f"  {pace}; {_allowed(key.limits)}")]
    if key.breaker != "closed":
        lines.append(Text(f"  breaker {key.breaker} after {key.failures_in_a_row} failures: {key.last_failure}", "red"))
    if key.exhausted:
        lines.append(Text(f"  exhausted: {key.exhausted}", "red"))
    if key.waits_until:
        lines.append(Text(f"  the provider asked to wait until {key.waits_until:%H:%M:%S} (UTC)", "yellow"))
    lines += [
        Text(f"  {use.run_id}: {use.in_flight} in flight, {use.waiting} waiting, on {use.workers} workers", "dim")
        for use in key.runs
    ]
    return lines


def _allowed(limits: Limits) -> str:
    parts = [
        f"{thousands(value)} {what}"
        for value, what in (
            (limits.in_flight, "at once"),
            (limits.requests_per_minute, "a minute"),
            (limits.tokens_per_minute, "tokens a minute"),
        )
        if value is not None
    ]
    return f"at most {', '.join(parts)}" if parts else "no rule limits it"


def list_rules(api: str | None, *, as_json: bool) -> None:
    with connect(api) as client:
        found: list[dict[str, Any]] = client.get("/v1/limits/rules")["items"]
    if as_json:
        put_json(found)
    elif not found:
        say("There is no rule yet; make one with `benchmark limits set ORIGIN`.")
    else:
        show(_rules_table([LimitRule.model_validate(data, extra="ignore") for data in found]))


def _rules_table(rules: Sequence[LimitRule]) -> Table:
    table = Table(box=None, pad_edge=False)
    for column in ("rule", "origin", "credential", "model", "limits"):
        table.add_column(column, overflow="fold", no_wrap=column == "rule")
    for rule in rules:
        table.add_row(
            rule.rule_id, rule.origin, rule.credential or NOT_KNOWN, rule.model or NOT_KNOWN, _allowed(rule.limits)
        )
    return table


def set_limits(api: str | None, rule: dict[str, Any], *, as_json: bool) -> None:
    with connect(api) as client:
        told = client.post("/v1/limits", {name: value for name, value in rule.items() if value is not None})
    if as_json:
        put_json(told)
        return
    stored = LimitRule.model_validate(told, extra="ignore")
    say(f"Calls to {stored.origin}: {_allowed(stored.limits)} ({stored.rule_id}).")


def remove_rule(api: str | None, rule_id: str) -> None:
    with connect(api) as client:
        client.delete(f"/v1/limits/rules/{path_part(rule_id)}")
    say(f"Removed {rule_id}.")


def reset_key(api: str | None, key_id: str) -> None:
    with connect(api) as client:
        client.post(f"/v1/limits/{path_part(key_id)}/reset")
    say(f"Forgot what was learned of {key_id}.")
