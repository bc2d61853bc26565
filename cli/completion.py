"""What may stand at a place of the command line, for the shell's completion: asked of the service, and nothing at all
where it does not answer at once, for nobody wants to hear of that while typing."""

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import typer

PATIENCE_S: Final = 1.0
OFFERED: Final = 50
"""Names that are asked for at most, the newest first."""
FILES: Final = (".yaml", ".yml", ".json")
Offer = tuple[str, str]
"""What can be typed, and what is said about it."""
Completer = Callable[[typer.Context, str], Iterator[Offer]]


def from_service(path: str, field: str, about: Callable[[Mapping[str, Any]], object]) -> Completer:
    """Offers this field of what the service lists there."""

    def complete(ctx: typer.Context, incomplete: str) -> Iterator[Offer]:
        for entry in _listed(ctx, path):
            if str(entry.get(field, "")).startswith(incomplete):
                yield str(entry[field]), str(about(entry) or "")

    return complete


def run_ids(ctx: typer.Context, incomplete: str) -> Iterator[Offer]:
    """Of runs, and `latest`."""
    if "latest".startswith(incomplete):
        yield "latest", "the newest run"
    yield from from_service("/v1/runs", "run_id", _of_run)(ctx, incomplete)


def _of_run(run: Mapping[str, Any]) -> str:
    return f"{run.get('name')}, {run.get('status')}"


stored_agents = from_service("/v1/agents", "name", lambda agent: f"version {agent.get('version')}")
stored_benchmarks = from_service("/v1/benchmarks", "name", lambda benchmark: f"version {benchmark.get('version')}")
stored_datasets = from_service("/v1/datasets", "name", lambda dataset: f"{dataset.get('row_count')} rows")
schedules = from_service("/v1/schedules", "name", lambda schedule: schedule.get("state"))
webhooks = from_service("/v1/webhooks", "webhook_id", lambda webhook: webhook.get("url"))
calibrations = from_service("/v1/judges/calibrations", "calibration_id", lambda calibration: calibration.get("name"))
preferences = from_service("/v1/preferences", "run_id", _of_run)
api_keys = from_service("/v1/api-keys", "name", lambda key: key.get("status"))
provider_keys = from_service("/v1/limits", "key_id", lambda key: key.get("origin"))


def agents(ctx: typer.Context, incomplete: str) -> Iterator[Offer]:
    """Stored ones, and the kinds that a new one may have."""
    yield from stored_agents(ctx, incomplete)
    yield from ((f"{kind}:", said) for kind, said in _kinds("agents") if kind.startswith(incomplete))


def benchmarks(ctx: typer.Context, incomplete: str) -> Iterator[Offer]:
    """Files here, ready-made and stored ones."""
    from adapters.definitions.ready_made import ready_made

    yield from _files(incomplete)
    yield from ((name, "ready-made, wants --folder") for name in ready_made() if name.startswith(incomplete))
    yield from stored_benchmarks(ctx, incomplete)


def benchmark_names(ctx: typer.Context, incomplete: str) -> Iterator[Offer]:
    """As runs bear them."""
    names = dict.fromkeys(str(run.get("name")) for run in _listed(ctx, "/v1/runs"))
    yield from ((name, "") for name in names if name.startswith(incomplete))


def evaluators(ctx: typer.Context, incomplete: str) -> Iterator[Offer]:
    """Labels of those by which the run is judged that was typed before."""
    run = str(ctx.params.get("run") or "latest")
    found = _listed(ctx, "/v1/runs")
    meant = next((each for each in found if run in ("latest", each.get("run_id"))), None)
    for evaluation in () if meant is None else meant["config"]["evaluators"]:
        label = str(evaluation.get("name") or evaluation["kind"])
        if label.startswith(incomplete):
            yield label, str(evaluation["kind"])


def _listed(ctx: typer.Context, path: str) -> list[Mapping[str, Any]]:
    """What the service lists there; nothing where it does not answer as it should."""
    from cli.connection import connect
    from cli.exits import CommandError

    try:
        with connect(ctx.params.get("api"), timeout_s=PATIENCE_S, patience_s=0) as client:
            entries: list[Mapping[str, Any]] = client.get(path, limit=OFFERED)["items"]
            return list(entries)
    except (CommandError, KeyError, TypeError):
        return []


def _kinds(group: Any) -> Iterator[Offer]:
    from core.plugins import installed

    yield from ((kind, plugin.summary) for kind, plugin in sorted(installed(group).items()))


def _files(incomplete: str) -> Iterator[Offer]:
    """Benchmark files, and the folders on the way to some."""
    folder = Path(incomplete) if incomplete.endswith("/") else Path(incomplete).parent
    if not folder.is_dir():
        return
    for entry in sorted(folder.iterdir()):
        shown = f"{entry}/" if entry.is_dir() else str(entry)
        if (
            shown.startswith(incomplete)
            and not entry.name.startswith(".")
            and (entry.is_dir() or entry.suffix in FILES)
        ):
            yield shown, ""
