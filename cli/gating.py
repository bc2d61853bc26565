"""`benchmark gate`: a run judged by a policy, and the exit code that CI wants."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final, NamedTuple

from rich.box import SIMPLE_HEAD
from rich.table import Table
from rich.text import Text

from adapters.definitions.policies import policy_schema, read_policy
from cli.client import Client, run_from
from cli.connection import connect
from cli.exits import CommandError, Exit
from cli.listings import moment
from cli.output import put_json, say, show
from cli.steering import run_id_of
from core.errors import InvalidInput
from core.gates import GatePolicy, Relative
from core.runs import Run

CODES: Final = {"passed": Exit.OK, "failed": Exit.BELOW, "inconclusive": Exit.INCONCLUSIVE}
COLOURS: Final = {"passed": "green", "failed": "red", "inconclusive": "yellow"}
LOOKED_AT: Final = 20
"""Runs among which `latest` looks for the one that is most like."""
NOT_WORSE: Final = GatePolicy(
    name="not worse", description="No proof of a decline.", relative=(Relative(doubt="passed"),)
)
"""What `--baseline` alone asks for."""


class Hurdle(NamedTuple):
    """What a run must take: a policy, and the run it holds it against."""

    policy: GatePolicy
    baseline: str | None


def hurdle_of(file: Path | None, baseline: str | None) -> Hurdle | None:
    """The policy in the file, or that of a baseline alone; None where nothing is asked for. Raises CommandError."""
    if file is None:
        return None if baseline is None else Hurdle(NOT_WORSE, baseline)
    try:
        return Hurdle(read_policy(file.read_text("utf-8"), source=str(file)), baseline)
    except UnicodeDecodeError as error:
        raise CommandError(f"The policy file {file} is no UTF-8 text.") from error
    except OSError as error:
        raise CommandError(f"The policy file {file} cannot be read: {error.strerror}.") from error
    except InvalidInput as error:
        raise CommandError(str(error)) from error


def gate(api: str | None, name: str, hurdle: Hurdle, *, as_json: bool) -> Exit:
    """Raises CommandError."""
    with connect(api) as client:
        run_id = run_id_of(client, name)
        found = judged(client, run_id, placed(client, hurdle, client.run(run_id)))
    if as_json:
        put_json(found)
    else:
        show_verdict(found)
    return CODES[found["verdict"]]


def placed(client: Client, hurdle: Hurdle, run: Run) -> Hurdle:
    """With the baseline's own id, which is told. `latest` is the newest completed run of the same benchmark before this
    one, started as it was: by somebody, or by the same schedule. One with the same cases and evaluators goes before
    newer ones; in what the chosen one differs is told. Raises CommandError."""
    if hurdle.baseline != "latest":
        return hurdle
    earlier = [each for each in _completed(client, run.name, run.schedule_id) if each.created_at < run.created_at]
    if not earlier:
        raise _no_baseline(run.name, run.schedule_id)
    found = next((each for each in earlier if not any(_otherwise(each, run))), earlier[0])
    differs = "".join(f" It {what}." for what in _otherwise(found, run))
    say(f"The baseline is {found.run_id}, of {moment(found.created_at)}.{differs}")
    return hurdle._replace(baseline=found.run_id)


def check_placeable(client: Client, hurdle: Hurdle, benchmark: str) -> None:
    """Before anything is spent. Raises CommandError where `latest` would find nothing."""
    if hurdle.baseline == "latest" and not any(_completed(client, benchmark, None)):
        raise _no_baseline(benchmark, None)


def _completed(client: Client, benchmark: str, schedule_id: str | None) -> Iterator[Run]:
    """The newest first."""
    where = {"name": benchmark, "status": "completed", "schedule": schedule_id or "none"}
    return (run_from(each) for each in client.listing("/v1/runs", most=LOOKED_AT, **where))


def _otherwise(baseline: Run, run: Run) -> Iterator[str]:
    if baseline.case_set != run.case_set:
        yield "asked other cases"
    if baseline.config.evaluators != run.config.evaluators:
        yield "was judged by other evaluators"
    if baseline.config.failed_counts_as != run.config.failed_counts_as:
        yield "counts failures otherwise"


def _no_baseline(benchmark: str, schedule_id: str | None) -> CommandError:
    whose = "that a schedule did not start" if schedule_id is None else f"of the schedule {schedule_id}"
    return CommandError(
        f"There is no earlier completed run of {benchmark!r} {whose} to be the baseline; name one, or run it first."
    )


def judged(client: Client, run_id: str, hurdle: Hurdle) -> Mapping[str, Any]:
    """What the service says of the run. Raises CommandError."""
    policy = hurdle.policy.model_dump(mode="json", exclude_unset=True)
    return client.post(f"/v1/runs/{run_id}/gate", {"policy": policy, "baseline": hurdle.baseline})


def show_verdict(found: Mapping[str, Any]) -> None:
    """Every rule with what was seen, and the verdict."""
    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    for column in ("agent", "rule", "verdict", "why"):
        table.add_column(column, overflow="fold")
    for rule in found["rules"]:
        asked = f"{rule['tier']}: {rule['rule']}" if rule["tier"] else rule["rule"]
        aside = " (advisory)" if rule["advisory"] and not rule["tier"] else ""
        verdict = Text(rule["verdict"], style=COLOURS[rule["verdict"]])
        table.add_row(Text(rule["agent_id"]), Text(asked + aside), verdict, Text(rule["reason"]))
    show(table)
    for agent, tier in found["tiers"].items():
        say(f"{agent} reached {'no tier' if tier is None else f'the tier {tier}'}.")
    _say_verdict(found, found["reasons"])


def why(found: Mapping[str, Any]) -> list[str]:
    """What failed or was in doubt, else what every rule saw."""
    seen = [f"{rule['agent_id']}: {rule['reason']}" for rule in found["rules"] if not rule["tier"]]
    return list(found["reasons"]) or seen


def tell_verdict(found: Mapping[str, Any]) -> None:
    _say_verdict(found, why(found))


def _say_verdict(found: Mapping[str, Any], reasons: Sequence[str]) -> None:
    say(f"Gate {found['policy']['name']!r}: {found['verdict']}." + "".join(f"\n  {reason}" for reason in reasons))


def print_schema() -> None:
    put_json(policy_schema())
