"""`benchmark run`: from what was typed to a run that is on its way, and on to its end."""

from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from adapters.definitions.ready_made import ready_made, ready_made_definition
from benchmark_client.errors import Place
from cli.agent_text import agent_body
from cli.bars import Bar
from cli.client import Client
from cli.connection import connect
from cli.dataset_trial import of_data
from cli.definitions import located, read_file
from cli.exits import CommandError, Exit
from cli.gating import CODES, Hurdle, check_placeable, judged, placed, tell_verdict, why
from cli.output import put_json, say
from cli.problems import Problem
from cli.reports import report
from cli.steering import follow, links
from cli.vendors import missing_keys
from core.benchmarks import BenchmarkDefinition
from core.errors import listed

ELSEWHERE: Final = (
    "It is installed here: install it where API and worker run, and restart them, for plugins are found at the start."
)


@dataclass(frozen=True)
class Wish:
    """What was typed: a file, a ready-made benchmark over a folder, or a stored one; and what to do otherwise."""

    benchmark: str
    folder: Path | None = None
    agents: tuple[str, ...] = ()
    limit: int | None = None
    trials: int | None = None
    max_cost: float | None = None
    """US dollars."""


def submit(
    api: str | None,
    wish: Wish,
    *,
    watch_it: bool,
    bar: Bar | None,
    hurdle: Hurdle | None = None,
    junit: Path | None = None,
    as_json: bool,
) -> Exit:
    """Raises CommandError."""
    body = request_of(wish)
    if (hurdle is not None or junit is not None) and not watch_it:
        raise CommandError(
            "A gate and a JUnit file tell of a run that has ended: leave --no-watch away, or type `benchmark gate` or "
            "`benchmark runs watch --junit` later."
        )
    with connect(api) as client:
        name = str(body.get("name") or body["benchmark"]).partition("@")[0]
        if hurdle is not None:
            check_placeable(client, hurdle, name)
        for warning in missing_keys(body.get("agents") or []):
            say(warning)
        with with_hint(wish):
            run = _posted(client, body)
        say(f"Run {run['run_id']} is on its way: {client.address.url}/v1/runs/{run['run_id']}")
        temporal = links(run, client).get("temporal_ui")
        if temporal:
            say(f"Its workflow: {temporal}")
        if not watch_it:
            if as_json:
                put_json(run)
            return Exit.OK
        run_id = str(run["run_id"])
        ended, reasons = follow(client, run_id, bar=bar, as_json=as_json)
        if hurdle is not None and ended is not Exit.FAILED:
            found = judged(client, run_id, placed(client, hurdle, client.run(run_id)))
            tell_verdict(found)
            reasons = (*reasons, *why(found))
            ended = ended if ended is not Exit.OK else CODES[found["verdict"]]
        report(client, run_id, ended=ended, reasons=reasons, junit=junit)
        return ended


def _posted(client: Client, body: dict[str, Any]) -> Any:
    return client.patient(say).post("/v1/runs", body)


@contextmanager
def with_hint(wish: Wish) -> Generator[None]:
    """Says of a refusal where in the file the mistake is, or what is missing, if that is known."""
    try:
        yield
    except CommandError as error:
        if isinstance(error, Problem) and error.places and _is_file(wish):
            lines = [_in_file(wish, place) for place in error.places]
            raise CommandError("\n".join(dict.fromkeys(lines)), error.code) from error
        if error.code is not Exit.USAGE or wish.folder is not None or wish.benchmark not in ready_made():
            raise
        hint = f"The ready-made {wish.benchmark!r} wants the folder with its data: --folder DIR."
        raise CommandError(f"{error}\n{hint}") from error


def _is_file(wish: Wish) -> bool:
    return wish.benchmark.endswith((".yaml", ".yml", ".json")) or Path(wish.benchmark).is_file()


def _in_file(wish: Wish, place: Place) -> str:
    """The mistake behind its line, or behind the option that said it."""
    parts = place.pointer.split("/")
    if wish.agents and parts[1:2] == ["agents"] and parts[2:3] and parts[2].isdigit():
        return f"--agent {wish.agents[int(parts[2])]}: {place.detail}"
    where = read_file(Path(wish.benchmark)).place(place.pointer)
    said = place.detail if where in place.detail else f"{where}: {of_data(place.detail)}"
    # The file was found right here, so that what is unknown is unknown there only.
    return f"{said} {ELSEWHERE}" if place.detail.startswith("There is no kind") else said


def request_of(wish: Wish) -> dict[str, Any]:
    """The body of `POST /v1/runs`. Raises CommandError."""
    agents = [agent_body(text) for text in wish.agents]
    if _is_file(wish):
        return _whole(_from_file(wish), agents, wish)
    if wish.folder is not None:
        return _whole(_ready_made(wish.benchmark, wish.folder), agents, wish)
    budget = None if wish.max_cost is None else {"max_usd": wish.max_cost}
    overrides = {"limit": wish.limit, "trials": wish.trials, "budget": budget}
    told = {name: value for name, value in overrides.items() if value is not None}
    return {"benchmark": wish.benchmark, "agents": agents, "overrides": told}


def _from_file(wish: Wish) -> BenchmarkDefinition:
    if wish.folder is not None:
        raise CommandError("--folder goes with a ready-made benchmark; a file names its data itself.")
    path = Path(wish.benchmark)
    return located(read_file(path).definition, path)


def _ready_made(name: str, folder: Path) -> BenchmarkDefinition:
    if name not in ready_made():
        raise CommandError(f"There is no ready-made benchmark {name!r}; there are: {listed(ready_made())}.")
    if not folder.is_dir():
        raise CommandError(f"There is no folder {folder}.")
    return ready_made_definition(name, str(folder.resolve()))


def _whole(definition: BenchmarkDefinition, agents: list[Any], wish: Wish) -> dict[str, Any]:
    body = definition.model_dump(mode="json", exclude_unset=True)
    if agents:
        body["agents"] = agents
    if not body.get("agents"):
        raise CommandError("No agent to ask: name one with --agent, such as --agent openai:gpt-5-mini.")
    if wish.limit is not None:
        body["dataset"]["limit"] = wish.limit
    if wish.trials is not None:
        body["trials"] = wish.trials
    if wish.max_cost is not None:
        body["budget"] = {"max_usd": wish.max_cost}
    return body
