"""`/v1/evals/{eval_id}/runs/{run_id}/output_items`: every row that is through, with its answer and its grades."""

import re
from collections.abc import Sequence
from typing import Annotated, Any, Final, Literal, NamedTuple

from fastapi import APIRouter, Query

from adapters.database.items import RunKey
from adapters.prompts.prompts import JinjaPrompts
from api.item_views import cases_of, judging_versions
from api.openai_evals.definition import CRITERIA
from api.openai_evals.pages import After, InOrder, Limit, listed
from api.openai_evals.routing import OpenAIRoute
from api.openai_evals.runs import found_run
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
PLACE: Final = re.compile("0|[1-9][0-9]{0,9}")
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
    of = await _opened(services, principal.project_id, eval_id, run_id)
    found = await services.openai_results.places(
        of.key.run_no,
        judging_versions(of.run),
        limit=limit,
        after=None if after is None else _index(run_id, after),
        order=order,
        state=status,
    )
    return listed(await _shown(services, of, found[:limit]), more=len(found) > limit)


@router.get(HOME + "/{output_item_id}")
async def get_output_item(
    services: ServicesDep, principal: ResultsReader, eval_id: str, run_id: str, output_item_id: str
) -> dict[str, Any]:
    of = await _opened(services, principal.project_id, eval_id, run_id)
    index = _index(run_id, output_item_id)
    found = await services.openai_results.places(
        of.key.run_no, judging_versions(of.run), limit=1, after=None, order="asc", state=None, only=index
    )
    if not found:
        raise _unknown(run_id, output_item_id)
    [item] = await _shown(services, of, found)
    return item


class Opened(NamedTuple):
    """A run of an eval, and what its items are made of."""

    record: EvalRecord
    started: EvalRunRecord
    run: Run
    key: RunKey


async def _opened(services: Services, project_id: str, eval_id: str, run_id: str) -> Opened:
    """Raises NotFound."""
    return Opened(
        *await found_run(services, project_id, eval_id, run_id),
        run=await services.runs.get(run_id),
        key=await services.items.key(project_id, run_id),
    )


async def _shown(services: Services, of: Opened, found: Sequence[tuple[int, ItemState]]) -> list[dict[str, Any]]:
    indices = [index for index, _ in found]
    items = await services.items.answers(of.key, indices)
    cases = await cases_of(services, of.run.case_set, indices)
    criteria = CRITERIA.validate_python(list(of.record.testing_criteria))
    return [
        item_view(of.started, items[index], state, criteria, cases.get(index), _asked(of, cases.get(index)))
        for index, state in found
        if index in items
    ]


def _asked(of: Opened, case: Case | None) -> Sequence[Message]:
    """The messages as the model saw them; none where nobody was asked."""
    if case is None or not of.started.model:
        return ()
    try:
        prompter = JinjaPrompts().open(of.run.config.prompt, NO_EXAMPLES)
        return prompter.question(case, trial=0, reveal_expected=False).messages
    except InvalidInput:
        return ()


def _index(run_id: str, item_id: str) -> int:
    """Ids of output items are the run's, and the row's place in it."""
    home, _, index = item_id.rpartition("-")
    if home != run_id or not PLACE.fullmatch(index) or int(index) >= 2**31:
        raise _unknown(run_id, item_id)
    return int(index)


def _unknown(run_id: str, item_id: str) -> NotFound:
    return NotFound(f"The run {run_id!r} has no output item {item_id!r}.")
