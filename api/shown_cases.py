"""The questions that a report shows: what was asked and wanted, what each agent said, and how it was judged."""

from collections.abc import Sequence
from typing import Final

from adapters.database.items import RunKey
from api.item_views import ItemView, item_views, judging_versions
from api.services import Services
from core.errors import NotFound
from core.items import ItemFilters, ItemRecord
from core.reports import ShownAnswer, ShownCase, ShownFailure
from core.runs import Run
from evaluators.reporting.telling import Telling

LONGEST: Final = 1_200
"""Characters of an answer."""
LONGEST_REASON: Final = 600
MOST_ANSWERS: Final = 6
"""Of one case: of more agents those with the best and the worst scores."""


async def shown_cases(
    services: Services, run: Run, agents: Sequence[int], telling: Sequence[Telling]
) -> tuple[ShownCase, ...]:
    """`agents` are the numbers of those that `telling` has the scores of, in order."""
    key = await services.items.key(run.project_id, run.run_id)
    found = [await _shown(services, run, key, agents, each) for each in telling]
    return tuple(each for each in found if each is not None)


async def _shown(
    services: Services, run: Run, key: RunKey, agents: Sequence[int], telling: Telling
) -> ShownCase | None:
    scored = [(number, mean) for number, mean in zip(agents, telling.means, strict=True) if mean is not None]
    chosen = _extremes(scored)
    records = [await _record(services, key, number, telling.case_index, run.config.trials) for number, _ in chosen]
    items = [each for each in records if each is not None]
    views = await item_views(services, run, items)
    if not views:
        return None
    means = dict(chosen)
    return ShownCase(
        case_id=views[0].case_id,
        category=views[0].category,
        chosen=telling.chosen,
        input=views[0].input,
        expected=views[0].expected,
        answers=tuple(_answer(run, view, means[view.agent_no]) for view in views),
        left_out=len(agents) - len(views),
    )


def _extremes(scored: Sequence[tuple[int, float]]) -> list[tuple[int, float]]:
    """In the order of the agents."""
    if len(scored) <= MOST_ANSWERS:
        return list(scored)
    ranked = sorted(scored, key=lambda each: -each[1])
    half = MOST_ANSWERS // 2
    return sorted(ranked[:half] + ranked[-half:])


async def _record(services: Services, key: RunKey, number: int, case_index: int, trials: int) -> ItemRecord | None:
    """The first trial that was settled."""
    for trial in range(min(trials, 3)):
        try:
            return await services.items.get(key, key.agents[number], case_index, trial)
        except NotFound:
            continue
    return None


def _answer(run: Run, view: ItemView, mean: float) -> ShownAnswer:
    first = next(iter(judging_versions(run)), run.config.evaluators[0].label)
    score = next((each for each in view.scores if each.evaluator == first and not each.stale), None)
    text = _said(view)
    reason = view.detail if view.status == "failed" else None if score is None else score.reason
    return ShownAnswer(
        agent_id=view.agent_id,
        item_id=view.item_id,
        text=None if text is None else text[:LONGEST],
        length=len(text or ""),
        score=None if score is None else score.value,
        reason=None if reason is None else reason[:LONGEST_REASON],
        cause=view.cause,
        mean=mean if run.config.trials > 1 else None,
    )


def _said(view: ItemView) -> str | None:
    if view.tool_calls:
        calls = "\n".join(f"{call.name}({call.arguments})" for call in view.tool_calls)
        return f"{view.text or ''}\n{calls}".strip()
    return view.text


async def shown_failures(services: Services, run: Run) -> tuple[ShownFailure, ...]:
    """Each cause of each agent with the first of its questions."""
    key = await services.items.key(run.project_id, run.run_id)
    found: list[ShownFailure] = []
    for agent in run.agents:
        for cause, count in sorted((agent.metrics.errors if agent.metrics else {}).items(), key=lambda each: -each[1]):
            filters = ItemFilters(agent_id=agent.agent_id, cause=cause)
            page = await services.items.page(key, filters, versions={}, limit=1)
            detail = next((item.detail for item in page.items), None)
            shown = None if detail is None else detail[:LONGEST_REASON]
            found.append(ShownFailure(agent_id=agent.agent_id, cause=cause, count=count, detail=shown))
    return tuple(found)
