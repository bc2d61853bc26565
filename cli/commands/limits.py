"""`benchmark limits`: provider keys, how fast they are asked, and what they may be asked for at most."""

from typing import Annotated

import typer

from cli import completion
from cli.commands.options import Api, Json, Limit

KeyId = Annotated[
    str,
    typer.Argument(
        metavar="KEY", help="The key's id, as `limits list` shows it.", autocompletion=completion.provider_keys
    ),
]
RuleId = Annotated[str, typer.Argument(metavar="RULE", help="The rule's id, as `limits rules` shows it.")]


def declare(app: typer.Typer) -> None:
    group = typer.Typer(no_args_is_help=True, help="Limits of provider keys, over all runs and workers.")
    group.command("list")(list_)
    group.command()(rules)
    group.command("set")(set_)
    group.command()(remove)
    group.command()(reset)
    app.add_typer(group, name="limits")


def list_(limit: Limit = 100, api: Api = None, as_json: Json = False) -> None:
    """List the provider keys: what is tried, what they wait for, which runs use them."""
    from cli.limits import list_limits

    list_limits(api, limit=limit, as_json=as_json)


def rules(api: Api = None, as_json: Json = False) -> None:
    """List the rules that were set."""
    from cli.limits import list_rules

    list_rules(api, as_json=as_json)


def set_(
    origin: Annotated[str, typer.Argument(help="The provider, such as https://api.openai.com.")],
    credential: Annotated[str | None, typer.Option(help="Only the key of this stored credential or variable.")] = None,
    model: Annotated[str | None, typer.Option(help="Only this model.")] = None,
    in_flight: Annotated[int | None, typer.Option(min=1, help="Calls at once.")] = None,
    requests_per_minute: Annotated[float | None, typer.Option(min=0, help="Calls a minute.")] = None,
    tokens_per_minute: Annotated[float | None, typer.Option(min=0, help="Tokens a minute, in and out.")] = None,
    api: Api = None,
    as_json: Json = False,
) -> None:
    """Limit the keys that match, in place of what was set for the same ones."""
    from cli.limits import set_limits

    rule = {
        "origin": origin,
        "credential": credential,
        "model": model,
        "in_flight": in_flight,
        "requests_per_minute": requests_per_minute,
        "tokens_per_minute": tokens_per_minute,
    }
    set_limits(api, rule, as_json=as_json)


def remove(rule: RuleId, api: Api = None) -> None:
    """Remove a rule."""
    from cli.limits import remove_rule

    remove_rule(api, rule)


def reset(key: KeyId, api: Api = None) -> None:
    """Forget what was learned of a key: its rate, its open breaker, its exhausted account."""
    from cli.limits import reset_key

    reset_key(api, key)
