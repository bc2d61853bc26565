"""`/v1/evals/{eval_id}/runs/{run_id}/output_items`: every row that is through, with its answer and its grades."""

from collections.abc import Sequence
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query

from adapters.prompts.prompts import JinjaPrompts
from api.item_views import cases_of, judging_versions
from api.openai_evals.definition import CRITERIA
from api.openai_evals.pages import After, InOrder, Limit, listed
from api.openai_evals.routing import OpenAIRoute
from api.openai_evals.views import item_view
from api.security import ResultsReader
from api.services import Services, ServicesDep
from core.cases import Case, Message
from core.datasets import CaseSet
from core.errors import InvalidInput, NotFound
from core.openai_evals import EvalRecord, EvalRunRecord, ItemState
from core.runs import Run

router = APIRouter(route_class=OpenAIRoute)
HOME = "/v1/evals/{eval_id}/runs/{run_id}/output_items"
NO_EXAMPLES = CaseSet(digest="", case_count=0, shard_size=1, shards=())


@router.get(HOME)
async def list_output_items(
    services: ServicesDep,
    principal: ResultsReader,
    eval_id: str,
    run_id: str,
    limit: Limit = 20,
    after: After = None,
    order: InOrder = "asc",
    status: Annotated[Literal["pass", "fail"] | None, Query()] = None,
) -> dict[str, Any]:
    record = await services.openai_evals.get(principal.project_id, eval_id)
    started = await services.openai_evals.run(principal.project_id, eval_id, run_id)
    run = await services.runs.get(run_id)
    key = await services.items.key(principal.project_id, run_id)
    found = await services.openai_results.places(
        key.run_no,
        judging_versions(run.config),
        limit=limit,
        after=None if after is None else _index(run_id, after),
        order=order,
        state=status,
    )
    return listed(await _shown(services, record, started, run, found[:limit]), more=len(found) > limit)


@router.get(HOME + "/{output_item_id}")
async def get_output_item(
    services: ServicesDep, principal: ResultsReader, eval_id: str, run_id: str, output_item_id: str
) -> dict[str, Any]:
    record = await services.openai_evals.get(principal.project_id, eval_id)
    started = await services.openai_evals.run(principal.project_id, eval_id, run_id)
    run = await services.runs.get(run_id)
    key = await services.items.key(principal.project_id, run_id)
    found = await services.openai_results.places(
        key.run_no,
        judging_versions(run.config),
        limit=1,
        after=None,
        order="asc",
        state=None,
        only=_index(run_id, output_item_id),
    )
    if not found:
        raise _unknown(run_id, output_item_id)
    [item] = await _shown(services, record, started, run, found)
    return item


async def _shown(
    services: Services,
    record: EvalRecord,
    started: EvalRunRecord,
    run: Run,
    found: Sequence[tuple[int, ItemState]],
) -> list[dict[str, Any]]:
    key = await services.items.key(run.project_id, run.run_id)
    indices = [index for index, _ in found]
    items = await services.items.answers(key, indices)
    cases = await cases_of(services, run.case_set, indices)
    criteria = CRITERIA.validate_python(list(record.testing_criteria))
    return [
        item_view(started, items[index], state, criteria, cases.get(index), _asked(started, run, cases.get(index)))
        for index, state in found
        if index in items
    ]


def _asked(started: EvalRunRecord, run: Run, case: Case | None) -> Sequence[Message]:
    """The messages as the model saw them; none where nobody was asked."""
    if case is None or not started.model:
        return ()
    try:
        prompter = JinjaPrompts().open(run.config.prompt, NO_EXAMPLES)
        return prompter.question(case, trial=0, reveal_expected=False).messages
    except InvalidInput:
        return ()


def _index(run_id: str, item_id: str) -> int:
    """Ids of output items are the run's, and the row's place in it."""
    home, _, index = item_id.rpartition("-")
    if home != run_id or not index.isdecimal() or int(index) >= 2**31:
        raise _unknown(run_id, item_id)
    return int(index)


def _unknown(run_id: str, item_id: str) -> NotFound:
    return NotFound(f"The run {run_id!r} has no output item {item_id!r}.")
