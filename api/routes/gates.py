"""`/v1/runs/{run_id}/gate`: whether a run shows what a policy asks for."""

from typing import Annotated, Any

from fastapi import APIRouter, Body, Response

from adapters.definitions.policies import policy_schema
from api.bodies import YAML_DOCUMENT
from api.examples import GATES
from api.gating import gated
from api.idempotency import IDEMPOTENT
from api.problems import documented
from api.routes.runs import RunIdPath
from api.routing import GuardedRoute
from api.security import Public, ResultsReader, Writer
from api.services import ServicesDep
from core.gates import Gate, GateRequest

router = APIRouter(tags=["comparisons"], route_class=GuardedRoute)


@router.post(
    "/v1/runs/{run_id}/gate",
    operation_id="judge_run",
    summary="Judge a run by a policy",
    status_code=201,
    responses=documented(400, 401, 403, 404, 409, 413, 415, 422, 503),
    openapi_extra=YAML_DOCUMENT | IDEMPOTENT,
)
async def judge_run(
    response: Response,
    services: ServicesDep,
    principal: Writer,
    run_id: RunIdPath,
    body: Annotated[GateRequest, Body(openapi_examples=GATES)],
) -> Gate:
    """passed, failed or inconclusive, with every rule and why. Figures pass or fail with their whole interval; too
    few cases are a doubt, never a failure. Relative rules hold the run against `baseline`, case by case."""
    gate = await gated(services, run_id, body, principal.project_id)
    await services.gates.add(gate)
    await services.audit.record(
        principal.project_id, principal.name, "run.judge", run_id, {"policy": body.policy.name, "verdict": gate.verdict}
    )
    response.headers["Location"] = f"/v1/runs/{run_id}/gate"
    return gate


@router.get(
    "/v1/runs/{run_id}/gate",
    operation_id="get_gate",
    summary="Read the last verdict",
    responses=documented(401, 403, 404, 422, 503),
)
async def get_gate(services: ServicesDep, principal: ResultsReader, run_id: RunIdPath) -> Gate:
    """The newest judgement of the run, as it was made."""
    await services.runs.get(run_id, project_id=principal.project_id)
    return await services.gates.newest(principal.project_id, run_id)


@router.get("/v1/schemas/gate.json", operation_id="get_gate_schema", summary="The JSON Schema of a gate's policy")
async def get_gate_schema(_: Public) -> dict[str, Any]:
    """For editors: JSON Schema 2020-12."""
    return policy_schema()
