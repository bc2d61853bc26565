"""Baselines of benchmarks and what was found, through the API."""

from collections.abc import Sequence
from typing import Final

from rich.console import Group, RenderableType
from rich.text import Text

from benchmark_client.requests import name as path_part
from cli.connection import connect
from cli.listings import moment
from cli.output import put_json, say, show
from cli.schedule_text import in_words
from cli.schedules import baseline_of
from core.baselines import BaselineCheck, BenchmarkBaseline

COLOURS: Final = {"regression": "red", "no_regression": "green", "first": "dim", "not_comparable": "yellow"}


def set_baseline(api: str | None, benchmark: str, baseline: str, *, error: float, looks: int, as_json: bool) -> None:
    body = baseline_of(baseline) | {"error": error, "looks": looks}
    with connect(api) as client:
        data = client.put(_path(benchmark), body)
    put_json(data) if as_json else _tell(BenchmarkBaseline.model_validate(data, extra="ignore"))


def show_baseline(api: str | None, benchmark: str, *, as_json: bool) -> None:
    with connect(api) as client:
        data = client.get(_path(benchmark))
    put_json(data) if as_json else _tell(BenchmarkBaseline.model_validate(data, extra="ignore"))


def remove_baseline(api: str | None, benchmark: str) -> None:
    with connect(api) as client:
        client.delete(_path(benchmark))
    say(f"Runs of {benchmark!r} are held against nothing from now on.")


def list_checks(api: str | None, watch: str | None, *, regressions: bool, limit: int, as_json: bool) -> None:
    outcome = "regression" if regressions else None
    with connect(api) as client:
        found = list(client.listing("/v1/baseline-checks", most=limit, watch=watch, outcome=outcome))
    if as_json:
        put_json(found)
    elif not found:
        say("No run was held against a baseline yet." if not regressions else "No regression was found.")
    else:
        show(checks_view([BaselineCheck.model_validate(each, extra="ignore") for each in found]))


def checks_view(checks: Sequence[BaselineCheck]) -> RenderableType:
    """A few lines for each run: what was found, and what differed."""
    return Group(*(line for check in checks for line in _lines(check)))


def _lines(check: BaselineCheck) -> list[Text]:
    against = f" against {check.baseline_run_id}" if check.baseline_run_id else ""
    head = Text.assemble(
        f"{moment(check.completed_at)}  {check.run_id}  ", (check.outcome, COLOURS[check.outcome]), against
    )
    lines = [head, Text(f"  {check.run_name}: {check.sentence}")]
    if check.outcome != "no_regression":
        lines += [
            Text(f"  differs in {each.part}: {each.field}: {each.baseline} -> {each.candidate}", "dim")
            for each in check.differences
        ]
    return lines


def _tell(found: BenchmarkBaseline) -> None:
    per = "each run" if found.baseline.looks == 1 else f"{found.baseline.looks} runs in a row"
    say(
        f"Runs of {found.benchmark!r} are held against {in_words(found.baseline)}, at a chance of a false alarm of "
        f"{found.baseline.error:.1%} for {per}."
    )


def _path(benchmark: str) -> str:
    return f"/v1/benchmarks/{path_part(benchmark)}/baseline"
