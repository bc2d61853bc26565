"""What a preference run has shown: read from its items, and kept beside the run's own report."""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from typing import NamedTuple

from pydantic import TypeAdapter, ValidationError

from adapters.database.items import RunKey
from api.item_views import judging_versions
from api.services import Services
from core.errors import NotFound
from core.items import ItemFilters, ItemRecord, ItemScore
from core.preferences import Contestant, Preference, PreferenceReport
from core.runs import ENDED, Run
from evaluators.judge.ballots import kept_ballots
from evaluators.preferences.matches import Named
from evaluators.preferences.pairs import Ended, Pair
from evaluators.preferences.report import preference_report

AT_ONCE = 500
"""Items, or cases, read together."""
CONTESTANTS = TypeAdapter(tuple[Contestant, ...])


class Known(NamedTuple):
    """What the figures need to know of a case."""

    unit: int
    lengths: dict[str, list[int]]
    """Characters of each contestant's answers, by trial; 0 for none."""


async def preference_of(services: Services, run: Run) -> Preference:
    """With its report, if it has ended. Raises NotFound for a run of another kind."""
    contestants = contestants_of(run)
    return Preference(
        run_id=run.run_id,
        name=run.name,
        status=run.status,
        contestants=contestants,
        judge=run.config.evaluators[0],
        report=await _report(services, run, contestants) if run.status in ENDED else None,
    )


def compares(run: Run) -> bool:
    """Whether it is a run of matches."""
    return run.config.dataset.source.kind == "answers" and all(each.agent.kind == "match" for each in run.config.agents)


def contestants_of(run: Run) -> tuple[Contestant, ...]:
    """Raises NotFound for a run that compares nobody."""
    if not compares(run):
        raise NotFound(f"The run {run.run_id!r} compares no agents head to head.")
    return CONTESTANTS.validate_python(run.config.dataset.source.settings["contestants"])


async def _report(services: Services, run: Run, contestants: Sequence[Contestant]) -> PreferenceReport:
    """Made once for each round: whatever changes the verdicts of an ended run opens another."""
    key = f"reports/{run.run_id}/preferences-{run.round}.json"
    try:
        return PreferenceReport.model_validate_json(await services.storage.get(key))
    except (NotFound, ValidationError):
        # There is none yet, or one of another version of the service.
        pairs = [pair async for pair in _pairs(services, run)]
    report = await asyncio.to_thread(preference_report, contestants, _named(run), pairs)
    await services.storage.put(key, report.model_dump_json().encode(), media_type="application/json")
    return report


def _named(run: Run) -> list[Named]:
    agents = [(agent.name, agent.agent.settings) for agent in run.config.agents]
    return [Named(name, str(settings["first"]), str(settings["second"])) for name, settings in agents]


async def _pairs(services: Services, run: Run) -> AsyncGenerator[Pair]:
    key = await services.items.key(run.project_id, run.run_id)
    if key.case_set is None:
        return
    cases = await _cases(services, key)
    matches = _named(run)
    judge = next(iter(judging_versions(run).items()), ("", ""))
    cursor, more = None, True
    while more:
        page = await services.items.page(key, ItemFilters(), versions={}, limit=AT_ONCE, cursor=cursor)
        cursor, more = page.next_cursor, page.next_cursor is not None
        for item in page.items:
            yield _pair(item, matches[item.agent_no], cases[item.case_index], judge)


async def _cases(services: Services, key: RunKey) -> list[Known]:
    assert key.case_set is not None
    case_set = await services.case_sets.open(key.case_set)
    numbers: dict[tuple[str, str], int] = {}
    known: list[Known] = []
    for start in range(0, case_set.case_count, AT_ONCE):
        for case in await services.case_sets.read(case_set, start, start + AT_ONCE):
            unit = ("cluster", case.cluster) if case.cluster is not None else ("case", case.id)
            answers = case.metadata.get("answers")
            assert isinstance(answers, dict)
            lengths = {
                name: [len(text) if isinstance(text, str) else 0 for text in texts]
                for name, texts in answers.items()
                if isinstance(texts, list)
            }
            known.append(Known(numbers.setdefault(unit, len(numbers)), lengths))
    return known


def _pair(item: ItemRecord, match: Named, case: Known, judge: tuple[str, str]) -> Pair:
    score = next((each for each in item.scores if (each.evaluator, each.version) == judge), None)
    return Pair(
        match=item.agent_no,
        case=item.case_index,
        unit=case.unit,
        ended=_ended(item, score),
        value=score.value if score else None,
        lengths=(_length(case, match.first, item.trial), _length(case, match.second, item.trial)),
        ballots=kept_ballots(score.details if score else None),
        spent=score.spent if score else None,
    )


def _length(case: Known, name: str, trial: int) -> int:
    lengths = case.lengths.get(name, [])
    return lengths[trial] if trial < len(lengths) else 0


def _ended(item: ItemRecord, score: ItemScore | None) -> Ended:
    if item.status == "failed":
        return "unanswered"
    if score is None or score.cause == "judge":
        return "missing"
    return "undecided" if score.value is None else "judged"
