"""`benchmark agents`: the agents that are stored by name."""

from typing import Annotated

import typer

from cli import completion
from cli.commands.options import Api, Json, Limit


def declare(app: typer.Typer) -> None:
    group = typer.Typer(no_args_is_help=True, help="Agents stored by name, for later runs.")
    group.command("list")(list_)
    group.command()(add)
    group.command("test")(try_)
    group.command()(kinds)
    app.add_typer(group, name="agents")


def list_(limit: Limit = 100, api: Api = None, as_json: Json = False) -> None:
    """List the stored agents."""
    from cli.agents import list_agents

    list_agents(api, limit=limit, as_json=as_json)


def add(
    agent: Annotated[str, typer.Argument(help="A YAML file with the agent, or KIND:MODEL as with `run --agent`.")],
    name: Annotated[str | None, typer.Option(help="The name to store it by.")] = None,
    api: Api = None,
    as_json: Json = False,
) -> None:
    """Store an agent; storing a name again makes a new version."""
    from cli.agents import add_agent

    add_agent(api, agent, name=name, as_json=as_json)


def try_(
    agent: Annotated[
        str,
        typer.Argument(
            help="A stored agent's name, a YAML file with one, or KIND:MODEL.", autocompletion=completion.agents
        ),
    ],
    question: Annotated[str, typer.Option(help="What to ask it.")] = "What is 2 + 3? Answer with the number only.",
    api: Api = None,
    as_json: Json = False,
) -> None:
    """Ask an agent one question through the service, and show the answer or why there is none.

    Exit codes: 0 it answered, 2 its settings cannot work, 4 it gave no answer, 5 the API does not answer.
    """
    from cli.agents import test_agent

    raise typer.Exit(test_agent(api, agent, question=question, as_json=as_json))


def kinds(as_json: Json = False) -> None:
    """List the kinds of agents that are installed here, with their settings."""
    from cli.catalogue import list_kinds

    list_kinds("agents", as_json=as_json)
