"""`benchmark compare`: two agents, or all agents that two runs share, case by case."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from textwrap import shorten
from typing import Any, Final, NamedTuple

from rich.box import SIMPLE_HEAD
from rich.table import Table
from rich.text import Text

from cli.client import Client
from cli.connection import connect
from cli.exits import CommandError
from cli.figures import NOT_KNOWN, factor, money, seconds, share, thousands
from cli.output import put_json, say, show
from cli.steering import run_id_of
from core.errors import listed

COLOURS: Final = {"improved": "green", "worse": "red", "cannot_tell": "yellow", "better": "green"}
WORDS: Final = {"improved": "improved", "worse": "worse", "cannot_tell": "cannot tell"}
RESOURCES: Final[Mapping[str, tuple[str, Callable[[float], str]]]] = {
    "latency_s": ("time", seconds),
    "input_tokens": ("tokens in", thousands),
    "output_tokens": ("tokens out", thousands),
    "cost_usd": ("cost", money),
}
Found = Mapping[str, Any]
QUESTIONS: Final = 50
"""Changed cases whose questions are looked up, one by one."""
CHARACTERS: Final = 60
"""Of a question."""


@dataclass(frozen=True)
class Contest:
    """What was typed: sides as RUN or RUN:AGENT, and how to compare."""

    baseline: str
    candidate: str
    allow: tuple[str, ...] = ()
    confidence: float = 0.95
    correction: str = "holm"
    flips: int = 10
    """How many changed cases to show."""


class Named(NamedTuple):
    run_id: str
    agent_id: str | None


def compare(api: str | None, contest: Contest, *, as_json: bool) -> None:
    """Raises CommandError."""
    with connect(api) as client:
        pairs = _pairs(client, _named(client, contest.baseline), _named(client, contest.candidate))
        found = [_compared(client, contest, *pair) for pair in pairs]
        if as_json:
            put_json(found[0] if len(found) == 1 else found)
            return
        for comparison in found:
            flips = list(client.listing(comparison["links"]["flips"], most=contest.flips)) if contest.flips else []
            _show(comparison)
            if flips:
                asked = [_question(client, flip) if at < QUESTIONS else "" for at, flip in enumerate(flips)]
                show(_flips(flips, asked))
                say(f"All cases that changed: {client.address.url}{comparison['links']['flips']}")


def _named(client: Client, typed: str) -> Named:
    run, _, agent = typed.partition(":")
    return Named(run_id_of(client, run), agent or None)


def _pairs(client: Client, baseline: Named, candidate: Named) -> list[tuple[Named, Named]]:
    """Every agent that both runs have, where none was named and they have several."""
    if baseline.agent_id or candidate.agent_id:
        return [(baseline, candidate)]
    names = [[agent.agent_id for agent in client.run(side.run_id).agents] for side in (baseline, candidate)]
    if len(names[0]) == len(names[1]) == 1:
        return [(baseline, candidate)]
    if baseline.run_id == candidate.run_id:
        raise CommandError(f"Say which agents of the run: RUN:AGENT, with one of {listed(names[0])}.")
    shared = [name for name in names[0] if name in names[1]]
    if not shared:
        raise CommandError(
            f"The runs share no agent: they have {listed(names[0])} and {listed(names[1])}. Say RUN:AGENT for each."
        )
    return [(baseline._replace(agent_id=name), candidate._replace(agent_id=name)) for name in shared]


def _compared(client: Client, contest: Contest, baseline: Named, candidate: Named) -> Any:
    body = {
        "baseline": baseline._asdict(),
        "candidate": candidate._asdict(),
        "allow": list(contest.allow),
        "confidence": contest.confidence,
        "correction": contest.correction,
    }
    return client.post("/v1/comparisons", body)


def _question(client: Client, flip: Found) -> str:
    """The beginning of what both sides were asked; empty where it is not kept."""
    items = client.get(flip["candidate_items"])["items"]
    return shorten(str(items[0]["input"] or ""), CHARACTERS, placeholder=" ...") if items else ""


def _show(found: Found) -> None:
    sides = [f"{found[side]['agent_id']} of {found[side]['run_id']}" for side in ("baseline", "candidate")]
    show(Text(f"{sides[1]} against {sides[0]}", style="bold"))
    show(Text(found["sentence"], style=COLOURS[found["finding"]]))
    for mismatch in found["mismatches"]:
        say(f"Note: {mismatch['detail']}")
    for each in found["made_of"]:
        say(f"Differs in {each['part']}: {each['field']}: {each['baseline']} -> {each['candidate']}")
    show(_differences("evaluator", found["scores"]))
    if clusters := found["scores"][0]["clusters"]:
        say(f"The cases come in {thousands(clusters)} clusters: intervals and tests take these as independent.")
    if found["categories"]:
        show(_differences("category", found["categories"]))
    if found["resources"]:
        show(_resources(found["resources"]))


def _differences(first: str, rows: Sequence[Found]) -> Table:
    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    table.add_column(first, overflow="fold")
    for column in ("baseline", "candidate", "points", "interval", "cases", "better", "worse", "p", "finding"):
        table.add_column(column, justify="right", overflow="fold")
    for row in rows:
        table.add_row(
            Text(row[first] or "(none)"),
            share(row["baseline"]),
            share(row["candidate"]),
            points(row["difference"]),
            NOT_KNOWN if row["low"] is None else f"{points(row['low'])} to {points(row['high'])}",
            thousands(row["cases"]),
            thousands(row["better"]),
            thousands(row["worse"]),
            f"{row['adjusted_p']:.2g}",
            Text(WORDS[row["finding"]], style=COLOURS[row["finding"]]),
        )
    return table


def _resources(rows: Sequence[Found]) -> Table:
    """Means over the cases that both sides know it of; less is better."""
    table = Table(box=SIMPLE_HEAD, pad_edge=False, title="What a case takes", title_justify="left")
    table.add_column("resource", overflow="fold")
    for column in ("baseline", "candidate", "times as much", "cases", "p", "finding"):
        table.add_column(column, justify="right", overflow="fold")
    for row in rows:
        name, written = RESOURCES[row["resource"]]
        table.add_row(
            name,
            written(row["baseline"]),
            written(row["candidate"]),
            factor(row["ratio"], row["ratio_low"], row["ratio_high"]),
            thousands(row["cases"]),
            f"{row['adjusted_p']:.2g}",
            Text(WORDS[row["finding"]], style=COLOURS[row["finding"]]),
        )
    return table


def _flips(flips: Sequence[Found], questions: Sequence[str]) -> Table:
    table = Table(box=SIMPLE_HEAD, pad_edge=False, title="Cases that changed most", title_justify="left")
    for column in ("case", "category", "question", "baseline", "candidate", "is"):
        table.add_column(column, overflow="fold")
    for flip, question in zip(flips, questions, strict=True):
        word = Text(flip["direction"], style=COLOURS[flip["direction"]])
        scores = (f"{flip[side]:.3g}" for side in ("baseline", "candidate"))
        table.add_row(Text(flip["case_id"]), Text(flip["category"] or ""), Text(question), *scores, word)
    return table


def points(value: float | None) -> str:
    """A difference of shares in points of a hundred, with its sign."""
    return NOT_KNOWN if value is None else f"{value * 100:+.1f}"
