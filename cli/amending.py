"""Changing a run that is there: its concurrency, more of it, other evaluators, and forks."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from cli.agent_text import agent_body
from cli.connection import connect
from cli.definitions import read_file
from cli.exits import CommandError, Exit
from cli.output import put_json, say
from cli.steering import follow, run_id_of

COUNTED: Final = {"max_tokens": "tokens", "max_calls": "calls"}


def tune(
    api: str | None,
    name: str,
    *,
    concurrency: int | None,
    limits: Mapping[str, Any],
    no_budget: bool = False,
    trials: int | None,
    agents: tuple[str, ...] = (),
    as_json: bool,
) -> None:
    body: dict[str, Any] = {}
    if concurrency is not None:
        body["concurrency"] = concurrency
    if trials is not None:
        body["trials"] = trials
    if agents:
        body["agents"] = [agent_body(text) for text in agents]
    if no_budget:
        if limits:
            raise CommandError("--no-budget lifts the budget; --max-cost, --max-tokens and --max-calls set one.")
        body["budget"] = None
    if not body and not limits:
        what = "--concurrency, --max-cost, --max-tokens, --max-calls, --no-budget, --trials or --agent"
        raise CommandError(f"Say what to change: {what}.", Exit.USAGE)
    with connect(api) as client:
        run_id = run_id_of(client, name)
        if limits:
            # What is not named stays as it is.
            budget: dict[str, Any] = client.get(f"/v1/runs/{run_id}")["config"].get("budget") or {}
            known = {key: value for key, value in budget.items() if value is not None}
            body["budget"] = known | dict(limits)
        data = client.patch(f"/v1/runs/{run_id}", body)
    if as_json:
        put_json(data)
    else:
        say(f"{run_id}: {'; '.join(_changes(body))}. It is {data['status']}, at revision {data['revision']}.")


def _changes(body: dict[str, Any]) -> Iterator[str]:
    """What was asked for, in words."""
    if "concurrency" in body:
        yield f"{body['concurrency']} calls at once for each agent, once those in flight have come home"
    if "budget" in body:
        yield (
            "it may spend what it takes" if body["budget"] is None else f"it may spend {_limits(body['budget'])} in all"
        )
    if "trials" in body:
        yield f"every case is asked {body['trials']} times"
    if "agents" in body:
        agents: list[Any] = body["agents"]
        yield f"{', '.join(_name_of(each) for each in agents)} will be asked, too"


def _limits(budget: Mapping[str, Any]) -> str:
    dollars = [f"${budget['max_usd']:g}"] if "max_usd" in budget else []
    return ", ".join(dollars + [f"{budget[key]:,} {what}" for key, what in COUNTED.items() if key in budget])


def _name_of(agent: Any) -> str:
    """Of an agent that is stored by its name, or written out."""
    return agent if isinstance(agent, str) else str(agent["name"])


def rescore(api: str | None, name: str, file: Path, *, watch_it: bool, as_json: bool) -> Exit:
    evaluators = read_file(file).definition.evaluators
    body = {"evaluators": [each.model_dump(mode="json") for each in evaluators]}
    with connect(api) as client:
        run_id = run_id_of(client, name)
        data = client.post(f"/v1/runs/{run_id}/rescore", body)
        say(f"{run_id} is being scored anew; no agent is asked.")
        if watch_it:
            return follow(client, run_id, bar=None, as_json=as_json).code
    if as_json:
        put_json(data)
    return Exit.OK


def fork(
    api: str | None,
    name: str,
    *,
    trials: int | None,
    limit: int | None,
    agents: tuple[str, ...],
    watch_it: bool,
    as_json: bool,
) -> Exit:
    body: dict[str, Any] = {"agents": [agent_body(text) for text in agents]}
    body |= {what: value for what, value in (("trials", trials), ("limit", limit)) if value is not None}
    with connect(api) as client:
        origin = run_id_of(client, name)
        data = client.post(f"/v1/runs/{origin}/fork", body)
        say(f"Run {data['run_id']} takes over what {origin} has answered, and asks the rest.")
        if watch_it:
            return follow(client, str(data["run_id"]), bar=None, as_json=as_json).code
    if as_json:
        put_json(data)
    return Exit.OK
