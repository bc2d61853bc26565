"""`benchmark estimate` and `benchmark prices`: what a run would cost, and what models cost."""

from pathlib import Path
from typing import Annotated

import typer

from cli.commands.options import Api, Json, Limit
from cli.commands.running import Agents, Benchmark

ModelName = Annotated[str, typer.Argument(metavar="MODEL", help="By the name agents ask for it.")]
BaseUrl = Annotated[
    str | None, typer.Option(metavar="URL", help="Where it is asked. Default: where its vendor sells it.")
]
SellerUrl = Annotated[
    str, typer.Option("--base-url", metavar="URL", help="Where it is asked; the path does not matter.")
]


def declare(app: typer.Typer) -> None:
    app.command()(estimate)
    group = typer.Typer(no_args_is_help=True, help="What models cost here, and who says so.")
    group.command("list")(list_)
    group.command()(show)
    group.command("set")(set_)
    group.command()(remove)
    app.add_typer(group, name="prices")


def estimate(
    benchmark: Benchmark,
    folder: Annotated[Path | None, typer.Option(help="Where the data of a ready-made benchmark lies.")] = None,
    agent: Agents = None,
    limit: Annotated[int | None, typer.Option(min=1, help="Ask at most this many cases.")] = None,
    max_cost: Annotated[float | None, typer.Option(min=0, help="The budget the run would have, in US dollars.")] = None,
    trials: Annotated[int | None, typer.Option(min=1, max=1000, help="Ask every case this often.")] = None,
    api: Api = None,
    as_json: Json = False,
) -> None:
    """Tell what a run would ask, take and cost, and what that rests on. Nothing is started, and nobody is asked."""
    from cli.estimates import estimate as estimate_
    from cli.submission import Wish

    wish = Wish(
        benchmark=benchmark, folder=folder, agents=tuple(agent or ()), limit=limit, trials=trials, max_cost=max_cost
    )
    estimate_(api, wish, as_json=as_json)


def list_(limit: Limit = 100, api: Api = None, as_json: Json = False) -> None:
    """List the prices that were set here, in the place of those that come along."""
    from cli.prices import list_prices

    list_prices(api, limit=limit, as_json=as_json)


def show(model: ModelName, base_url: BaseUrl = None, api: Api = None, as_json: Json = False) -> None:
    """Tell what a model costs, who says so and since when."""
    from cli.prices import show_price

    show_price(api, model, base_url, as_json=as_json)


def set_(
    model: ModelName,
    base_url: SellerUrl,
    input: Annotated[float, typer.Option("--input", min=0, help="US dollars per million input tokens.")],
    output: Annotated[float, typer.Option("--output", min=0, help="US dollars per million output tokens.")],
    api: Api = None,
    as_json: Json = False,
) -> None:
    """Set what a model costs, for every agent and judge that has no `price` of its own."""
    from cli.prices import set_price

    set_price(api, model, {"base_url": base_url, "input": input, "output": output}, as_json=as_json)


def remove(model: ModelName, base_url: SellerUrl, api: Api = None) -> None:
    """Forget a price that was set."""
    from cli.prices import remove_price

    remove_price(api, model, base_url)
