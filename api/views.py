"""Runs as the API shows them: the record, and where to go from it."""

from api.services import Services
from api.sessions import PAGES
from core.gates import GateVerdict
from core.model import Model
from core.plugins import PluginSpec
from core.runs import Run


class RunLinks(Model):
    """Paths of this API, but for the address in the Temporal UI."""

    self: str
    items: str
    events: str
    results: str
    gate: str
    comparisons: str
    report: str | None
    """The report as a page, for people; before the run is over, with what is known so far."""
    ui: str | None = None
    """The run's page, for people."""
    temporal_ui: str | None
    """The run's workflow; None when the service does not know where the UI is."""


class RunView(Run):
    verdict: GateVerdict | None
    """What the last gate said of the run as it ended; None before, and without one."""
    results_url: str
    links: RunLinks


MANY_ROWS = 20


def brief(run: Run) -> Run:
    """For listings: a definition with many rows of its own without them; `rows_left_out` says how many."""
    source = run.config.dataset.source
    rows = source.settings.get("rows")
    if not isinstance(rows, list) or len(rows) <= MANY_ROWS:
        return run
    short = PluginSpec.model_validate({**source.model_dump(), "rows": [], "rows_left_out": len(rows)})
    dataset = run.config.dataset.model_copy(update={"source": short})
    return run.model_copy(update={"config": run.config.model_copy(update={"dataset": dataset})})


def run_view(run: Run, services: Services, *, verdict: GateVerdict | None = None) -> RunView:
    here = f"/v1/runs/{run.run_id}"
    settings = services.settings
    ui = (settings.temporal_ui_url or "").rstrip("/")
    links = RunLinks(
        self=here,
        items=f"{here}/items",
        events=f"{here}/events",
        results=f"{here}/results",
        gate=f"{here}/gate",
        comparisons=f"/v1/comparisons?run_id={run.run_id}",
        report=f"{here}/report.html",
        ui=f"{PAGES}/runs/{run.run_id}",
        temporal_ui=f"{ui}/namespaces/{settings.temporal_namespace}/workflows/{run.run_id}" if ui else None,
    )
    known = {name: getattr(run, name) for name in Run.model_fields}
    return RunView(**known, verdict=verdict, results_url=links.results, links=links)
