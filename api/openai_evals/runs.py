"""`/v1/evals/{eval_id}/runs`: runs of ours, started and shown as those of an eval."""

from collections.abc import Sequence
from typing import Annotated, Any, Final, Literal

from fastapi import APIRouter, Query, Request

from adapters.database.openai_results import EvalRunJudged
from adapters.submission.resolution import resolve
from api.idempotency import new_run_id
from api.item_views import judging_versions
from api.live import live
from api.openai_evals.definition import CRITERIA, definition_of
from api.openai_evals.evals import Metadata, Named
from api.openai_evals.pages import After, InOrder, Limit, listed
from api.openai_evals.routing import OpenAIRoute
from api.openai_evals.sent import Sent
from api.openai_evals.sources import PLAIN, Asking, DataSource
from api.openai_evals.views import run_view
from api.security import Reader, Writer
from api.services import Services, ServicesDep
from api.steering import ALLOWED, steer
from api.submission import accept
from core.errors import InvalidInput, InvalidRequest
from core.openai_evals import EvalRecord, EvalRunRecord
from core.run_requests import InlineRun
from core.runs import Run, RunStatus

OURS: Final[dict[str, tuple[RunStatus, ...]]] = {
    "queued": ("queued",),
    "in_progress": ("processing", "paused"),
    "completed": ("completed",),
    "canceled": ("cancelled",),
    "failed": ("failed",),
}
Status = Literal["queued", "in_progress", "completed", "canceled", "failed"]


class NewRun(Sent):
    name: Named | None = None
    metadata: Metadata | None = None
    data_source: DataSource


router = APIRouter(route_class=OpenAIRoute)


@router.post("/v1/evals/{eval_id}/runs", status_code=201)
async def create_run(
    request: Request, services: ServicesDep, principal: Writer, eval_id: str, body: NewRun
) -> dict[str, Any]:
    """The rows are stored as a dataset, the definition as a benchmark, and a run of it is accepted."""
    project_id = principal.project_id
    record = await services.openai_evals.get(project_id, eval_id)
    definition = await definition_of(services, record, body.data_source, project_id=project_id)
    try:
        definition = await resolve(InlineRun.model_validate(definition.model_dump()), services, project_id)
    except InvalidRequest as error:
        raise InvalidRequest([_in_request(mistake) for mistake in error.mistakes]) from error
    await services.benchmarks.add(project_id, definition)
    run_id = new_run_id(request)
    started = EvalRunRecord(
        run_id=run_id,
        eval_id=eval_id,
        project_id=project_id,
        name=body.name or run_id,
        metadata=body.metadata,
        model=body.data_source.model if isinstance(body.data_source, Asking) else "",
        data_source=body.data_source.model_dump(mode="json", exclude_unset=True),
    )
    run = await accept(services, definition, run_id=run_id, project_id=project_id, by=principal.name, of_eval=started)
    return await _one(services, request, record, started, run)


@router.get("/v1/evals/{eval_id}/runs")
async def list_runs(
    request: Request,
    services: ServicesDep,
    principal: Reader,
    eval_id: str,
    limit: Limit = 20,
    after: After = None,
    order: InOrder = "asc",
    status: Annotated[Status | None, Query()] = None,
) -> dict[str, Any]:
    """As last recorded; a run by itself is live."""
    record = await services.openai_evals.get(principal.project_id, eval_id)
    statuses = OURS[status] if status else ()
    found = await services.openai_evals.runs(
        principal.project_id, eval_id, limit=limit, after=after, order=order, statuses=statuses
    )
    runs = await services.runs.of([each.run_id for each in found[:limit]])
    shown = [(each, runs[each.run_id]) for each in found[:limit] if each.run_id in runs]
    return listed(await _shown(services, request, record, shown), more=len(found) > limit)


@router.get("/v1/evals/{eval_id}/runs/{run_id}")
async def get_run(
    request: Request, services: ServicesDep, principal: Reader, eval_id: str, run_id: str
) -> dict[str, Any]:
    record, started = await found_run(services, principal.project_id, eval_id, run_id)
    run = await live(await services.runs.get(run_id), services.temporal)
    return await _one(services, request, record, started, run)


@router.post("/v1/evals/{eval_id}/runs/{run_id}/cancel")
async def cancel_run(
    request: Request, services: ServicesDep, principal: Writer, eval_id: str, run_id: str
) -> dict[str, Any]:
    """Calls in flight are awaited, for they are paid."""
    record, started = await found_run(services, principal.project_id, eval_id, run_id)
    run = await steer(services, await services.runs.get(run_id), "cancel")
    await services.audit.record(principal.project_id, principal.name, "run.cancel", run_id)
    return await _one(services, request, record, started, await live(run, services.temporal))


@router.delete("/v1/evals/{eval_id}/runs/{run_id}")
async def delete_run(services: ServicesDep, principal: Writer, eval_id: str, run_id: str) -> dict[str, Any]:
    """It is a run of the eval no more; one on its way is cancelled. Ours stays until it is forgotten."""
    await services.openai_evals.run(principal.project_id, eval_id, run_id)
    run = await live(await services.runs.get(run_id), services.temporal)
    if run.status in ALLOWED["cancel"]:
        await steer(services, run, "cancel")
    await services.openai_evals.remove_run(principal.project_id, eval_id, run_id)
    await services.audit.record(principal.project_id, principal.name, "openai_eval_run.delete", run_id)
    return {"object": "eval.run.deleted", "deleted": True, "run_id": run_id}


async def found_run(services: Services, project_id: str, eval_id: str, run_id: str) -> tuple[EvalRecord, EvalRunRecord]:
    """Raises NotFound."""
    record = await services.openai_evals.get(project_id, eval_id)
    return record, await services.openai_evals.run(project_id, eval_id, run_id)


async def _one(
    services: Services, request: Request, record: EvalRecord, started: EvalRunRecord, run: Run
) -> dict[str, Any]:
    [shown] = await _shown(services, request, record, [(started, run)])
    return shown


async def _shown(
    services: Services, request: Request, record: EvalRecord, runs: Sequence[tuple[EvalRunRecord, Run]]
) -> list[dict[str, Any]]:
    figures = await services.openai_results.figures(
        [EvalRunJudged(run.run_id, judging_versions(run), started.model) for started, run in runs]
    )
    base = (services.settings.public_url or str(request.base_url)).rstrip("/")
    criteria = CRITERIA.validate_python(list(record.testing_criteria))
    return [
        run_view(started, run, figures[run.run_id], criteria, f"{base}/v1/runs/{run.run_id}/report.html")
        for started, run in runs
    ]


def _in_request(mistake: InvalidInput) -> InvalidInput:
    """The mistake of a definition, pointing into what was posted."""
    steps = mistake.pointer.split("/")
    place = {"agents": "/data_source/model", "dataset": "/data_source/source", "prompt": "/data_source/input_messages"}
    pointer = place.get(steps[1] if len(steps) > 1 else "", "")
    if steps[1:2] == ["agents"] and steps[-1] in PLAIN:
        pointer = f"/data_source/sampling_params/{steps[-1]}"
    return InvalidInput(str(mistake), pointer=pointer)
