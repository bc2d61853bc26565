"""Stored agents: listed, added, tried."""

from typing import Any

from rich.table import Table
from rich.text import Text

from benchmark_client.requests import name as path_part
from cli.agent_text import agent_of
from cli.connection import connect
from cli.exits import CommandError, Exit
from cli.figures import money, seconds, thousands
from cli.output import put_json, put_text, say, show
from core.benchmarks import AgentSpec


def list_agents(api: str | None, *, limit: int, as_json: bool) -> None:
    with connect(api) as client:
        found = list(client.listing("/v1/agents", most=limit))
    if as_json:
        put_json(found)
        return
    if not found:
        say("No agent is stored; `benchmark agents add openai:gpt-5-mini` stores one.")
        return
    table = Table(box=None, pad_edge=False)
    for column in ("name", "version", "kind", "settings"):
        table.add_column(column, overflow="fold")
    for agent in found:
        table.add_row(*_row(agent))
    show(table)


def _row(agent: Any) -> tuple[Text, ...]:
    settings: dict[str, Any] = dict(agent["spec"]["agent"])
    kind = settings.pop("kind")
    said = ", ".join(f"{name}={value}" for name, value in settings.items() if value is not None)
    return Text(agent["name"]), Text(str(agent["version"])), Text(kind), Text(said)


def add_agent(api: str | None, text: str, *, name: str | None, as_json: bool) -> None:
    spec = agent_of(text)
    if not isinstance(spec, AgentSpec):
        raise CommandError(f"{text!r} is neither a YAML file nor KIND:MODEL, such as openai:gpt-5-mini.")
    if name:
        spec = spec.model_copy(update={"name": name})
    with connect(api) as client:
        stored = client.post("/v1/agents", spec.model_dump(mode="json", exclude_none=True))
    if as_json:
        put_json(stored)
    else:
        say(f"Stored agent {stored['name']!r}, version {stored['version']}.")


def test_agent(api: str | None, text: str, *, question: str, as_json: bool) -> Exit:
    """Asks through the service, so that its keys and its network are what is tried."""
    agent = agent_of(text)
    with connect(api) as client:
        if isinstance(agent, AgentSpec):
            body = {"agent": agent.model_dump(mode="json", exclude_none=True), "question": question}
            answer = client.try_out("/v1/agents/test", body)
        else:
            answer = client.try_out(f"/v1/agents/{path_part(agent)}/test", {"question": question})
    if as_json:
        put_json(answer)
        return Exit.OK
    put_text(str(answer["text"]))
    usage: dict[str, Any] = answer.get("usage") or {}
    say(
        f"{answer.get('model') or 'model not told'}; {seconds(answer['latency_s'])}; "
        f"tokens {thousands(usage.get('input_tokens'))} in, {thousands(usage.get('output_tokens'))} out; "
        f"cost {money(answer.get('cost_usd'))}"
    )
    return Exit.OK
