"""What a run would cost, as people read it: who is asked how often, what that takes, and what it rests on."""

from collections.abc import Iterator

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from cli.connection import connect
from cli.figures import NOT_KNOWN, counted, money, seconds, thousands
from cli.output import put_json, say, show
from cli.prices import said
from cli.submission import Wish, request_of, with_hint
from cli.vendors import missing_keys
from core.estimates import Estimate, Part, Range


def estimate(api: str | None, wish: Wish, *, as_json: bool) -> None:
    """Raises CommandError."""
    body = request_of(wish)
    for warning in missing_keys(body.get("agents") or []):
        say(warning)
    with connect(api) as client, with_hint(wish):
        told = client.post("/v1/runs", body, dry_run=True)
    if as_json:
        put_json(told)
    else:
        show(estimate_view(Estimate.model_validate(told, extra="ignore")))


def estimate_view(told: Estimate) -> RenderableType:
    asked = " x ".join((counted(told.cases, "case"), counted(told.agents, "agent"), counted(told.trials, "trial")))
    calls = f"{told.calls:,} calls of agents, {thousands(told.judging_calls.expected)} of judges"
    table = Table(box=None, pad_edge=False)
    for column in ("", "", "calls", "input tokens", "output tokens", "dollars", "price per million tokens"):
        table.add_column(column, overflow="fold")
    for part in told.parts:
        table.add_row(*_row(part))
    return Group(Text(f"{told.name}: {asked}, {calls}", "bold"), table, *_lines(told))


def _row(part: Part) -> tuple[Text, ...]:
    cells = (
        part.name,
        part.role,
        thousands(part.calls.expected),
        _tokens(part.input_tokens),
        _tokens(part.output_tokens),
        _dollars(part.usd),
        NOT_KNOWN if part.price is None else f"{said(part.price)}; {part.price.source}",
    )
    return tuple(Text(cell) for cell in cells)


def _lines(told: Estimate) -> Iterator[Text]:
    yield Text.assemble("Together: ", (_dollars(told.usd), "bold"), _between(told.usd))
    if told.seconds is not None:
        yield Text(f"At least {seconds(told.seconds)}, by what is known of latencies and limits.")
    for warning in told.warnings:
        yield Text(f"! {warning}", "yellow")
    for assumption in told.assumptions:
        yield Text(f"- {assumption}", "dim")


def _between(usd: Range | None) -> str:
    if usd is None:
        return ": a price is not known, which is not the same as free."
    most = "nothing bounds it" if usd.high is None else f"{money(usd.high)} at most"
    return f", {money(usd.low)} at least, {most}"


def _tokens(tokens: Range) -> str:
    most = "?" if tokens.high is None else thousands(tokens.high)
    return f"{thousands(tokens.expected)} ({thousands(tokens.low)} to {most})"


def _dollars(usd: Range | None) -> str:
    return NOT_KNOWN if usd is None else money(usd.expected)
