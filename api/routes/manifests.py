"""`/v1/runs/{run_id}/manifest`: what a run was made of."""

from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import StringConstraints

from api.problems import documented
from api.routes.runs import RunIdPath
from api.routing import GuardedRoute
from api.security import ResultsReader
from api.services import ServicesDep
from core.manifests import FieldDifference, KeptManifest, differences
from core.model import Model

router = APIRouter(tags=["results"], route_class=GuardedRoute)
PROBLEMS = documented(400, 401, 403, 404, 409, 422, 503)
Round = Annotated[int | None, Query(ge=1, lt=2**31, description="The last one without it.")]
OtherRun = Annotated[str, Query(description="The run that is the baseline."), StringConstraints(max_length=200)]


class ManifestDifferences(Model):
    """What the two runs differ in; nothing when their manifests' digests are equal."""

    baseline: str
    candidate: str
    differences: tuple[FieldDifference, ...]


@router.get(
    "/v1/runs/{run_id}/manifest", operation_id="get_manifest", summary="Read what a run was made of", responses=PROBLEMS
)
async def get_manifest(
    services: ServicesDep, principal: ResultsReader, run_id: RunIdPath, round: Round = None
) -> KeptManifest:
    """Cases, prompts, agents with the models that served, evaluators and judges with their versions, code, packages,
    price table, settings: written once when the figures of a round are made, and never changed. Equal digests: made
    of the same things."""
    return await services.manifests.get(principal.project_id, run_id, round=round)


@router.get(
    "/v1/runs/{run_id}/manifest/differences",
    operation_id="get_manifest_differences",
    summary="List in what two runs differ",
    responses=PROBLEMS,
)
async def get_manifest_differences(
    services: ServicesDep, principal: ResultsReader, run_id: RunIdPath, baseline: OtherRun
) -> ManifestDifferences:
    """Every field in which this run's manifest differs from the baseline's."""
    before = await services.manifests.get(principal.project_id, baseline)
    after = await services.manifests.get(principal.project_id, run_id)
    return ManifestDifferences(baseline=baseline, candidate=run_id, differences=differences(before, after))
