"""Items as the API shows them: the record, with the question that was asked and the answer that was wanted."""

from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from typing import Any, Final

from api.services import Services
from core.cases import Case
from core.errors import BenchmarkError, InvalidPlugin
from core.items import ItemAttempt, ItemRecord, ItemScore
from core.runs import ENDED, Run
from evaluators.registry import version_of

EXCERPT: Final = 1000
"""Characters of a question and of an expected answer in a list; the item by itself has them whole."""


class ScoreView(ItemScore):
    stale: bool
    """It does not belong to the run's evaluators any more: the run was scored anew by others, or by other settings."""


class ItemView(ItemRecord):
    """How one question to one agent ended, and where all of it is."""

    scores: tuple[ScoreView, ...] = ()  # pyright: ignore[reportIncompatibleVariableOverride]

    item_id: str
    """The agent's number, the case's index and the trial: `0-17-0`."""
    link: str
    input: str | None
    """What the case asks, before any template. In a list its first 1,000 characters, `…` at the end of what was cut.
    None when the object storage does not answer."""
    expected: str | None
    """The answer that was wanted, cut likewise; None for a case that has none."""


class ItemDetail(ItemView):
    """Besides, the case that was asked and every call that was made for it."""

    case: Case | None
    """None when the object storage does not answer."""
    attempts: tuple[ItemAttempt, ...]


def judging_versions(run: Run) -> dict[str, str]:
    """The versions of the run's evaluators whose verdicts count, by label and in order. Of a run that has ended those
    that its figures were made of, whatever is installed by now; else those that are installed here."""
    summaries = [each for agent in run.agents if agent.metrics for each in agent.metrics.scores]
    told = {each.evaluator: each.version for each in summaries} if run.status in ENDED else {}
    versions: dict[str, str] = {}
    for evaluation in run.config.evaluators:
        with suppress(InvalidPlugin):
            versions[evaluation.label] = told.get(evaluation.label) or version_of(evaluation)
    return versions


async def item_views(services: Services, run: Run, items: Sequence[ItemRecord]) -> tuple[ItemView, ...]:
    """The items of a list, their questions cut."""
    cases = await cases_of(services, run.case_set, (item.case_index for item in items))
    current = _current(run)
    return tuple(ItemView(**_shown(item, run, current, cases.get(item.case_index), EXCERPT)) for item in items)


async def item_detail(services: Services, run: Run, item: ItemRecord, attempts: tuple[ItemAttempt, ...]) -> ItemDetail:
    """One item with everything that is known of it."""
    case = (await cases_of(services, run.case_set, [item.case_index])).get(item.case_index)
    return ItemDetail(**_shown(item, run, _current(run), case, None), case=case, attempts=attempts)


def _current(run: Run) -> dict[str, str | None]:
    """By label of the run's evaluators their version; None of one that is not installed here."""
    versions = judging_versions(run)
    return {each.label: versions.get(each.label) for each in run.config.evaluators}


def _shown(
    item: ItemRecord, run: Run, current: Mapping[str, str | None], case: Case | None, most: int | None
) -> dict[str, Any]:
    item_id = f"{item.agent_no}-{item.case_index}-{item.trial}"
    return {
        **dict(item),
        "scores": tuple(_aged(score, current) for score in item.scores),
        "item_id": item_id,
        "link": f"/v1/runs/{run.run_id}/items/{item_id}",
        "input": _cut(case.input, most) if case else None,
        "expected": _cut(case.expected, most) if case else None,
    }


def _aged(score: ItemScore, current: Mapping[str, str | None]) -> ScoreView:
    fresh = score.evaluator in current and current[score.evaluator] in (None, score.version)
    return ScoreView(**dict(score), stale=not fresh)


def _cut(text: str | None, most: int | None) -> str | None:
    if text is None or most is None or len(text) <= most:
        return text
    return text[:most] + "…"


async def cases_of(services: Services, case_set: str | None, wanted: Iterable[int]) -> Mapping[int, Case]:
    """The cases by their index; none of them when the storage does not answer."""
    if case_set is None:
        return {}
    found: dict[int, Case] = {}
    try:
        opened = await services.case_sets.open(case_set)
        for index in sorted({*wanted}):
            [found[index]] = await services.case_sets.read(opened, index, index + 1)
    except BenchmarkError:
        return {}
    return found
