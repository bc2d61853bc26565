"""What models cost, read and changed through the API."""

from typing import Any

from rich.table import Table
from rich.text import Text

from benchmark_client.requests import name as path_part
from cli.connection import connect
from cli.figures import money
from cli.output import put_json, say, show
from core.prices import KnownPrice, OperatorPrice


def list_prices(api: str | None, *, limit: int, as_json: bool) -> None:
    with connect(api) as client:
        found = list(client.listing("/v1/prices", most=limit))
    if as_json:
        put_json(found)
    elif not found:
        say("No price was set here; those of the table hold. `benchmark prices show MODEL` tells one.")
    else:
        show(_table([OperatorPrice.model_validate(data, extra="ignore") for data in found]))


def _table(prices: list[OperatorPrice]) -> Table:
    table = Table(box=None, pad_edge=False)
    for column in ("model", "provider", "input", "output", "set at"):
        table.add_column(column, overflow="fold")
    for each in prices:
        sums = (money(each.price.input), money(each.price.output))
        table.add_row(Text(each.model), Text(each.origin), *sums, f"{each.set_at.astimezone():%Y-%m-%d %H:%M}")
    return table


def show_price(api: str | None, model: str, base_url: str | None, *, as_json: bool) -> None:
    with connect(api) as client:
        told = client.get(f"/v1/prices/{path_part(model)}", base_url=base_url)
    if as_json:
        put_json(told)
        return
    price = KnownPrice.model_validate(told["price"], extra="ignore")
    since = "" if price.since is None else f" Since {price.since.astimezone():%Y-%m-%d %H:%M}."
    say(f"{told['model']} at {told['origin']}: {said(price)} per million tokens. {price.detail}{since}")


def said(price: KnownPrice) -> str:
    cached = "" if price.cached_input is None else f" ({money(price.cached_input)} from the cache)"
    return f"{money(price.input)} in{cached}, {money(price.output)} out"


def set_price(api: str | None, model: str, body: dict[str, Any], *, as_json: bool) -> None:
    with connect(api) as client:
        told = client.put(f"/v1/prices/{path_part(model)}", body)
    if as_json:
        put_json(told)
        return
    price = OperatorPrice.model_validate(told, extra="ignore")
    sums = f"{money(price.price.input)} in, {money(price.price.output)} out"
    say(f"{price.model} at {price.origin} costs {sums} per million tokens from now on.")


def remove_price(api: str | None, model: str, base_url: str) -> None:
    with connect(api) as client:
        client.delete(f"/v1/prices/{path_part(model)}", base_url=base_url)
    say(f"Forgot the price of {model}.")
