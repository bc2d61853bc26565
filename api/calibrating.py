"""Calibrating a judge: it judges what people have judged, in a run like any other, and is then held against them."""

import asyncio
import json
from collections.abc import AsyncGenerator, Collection, Sequence
from datetime import UTC, datetime

from pydantic import JsonValue

from api.services import Services
from core.benchmarks import AgentSpec, BenchmarkDefinition, Evaluation, PromptSpec
from core.calibrations import Calibration, CalibrationLevel, CalibrationReport, CalibrationRequest
from core.cases import Case
from core.errors import InvalidInput, listed
from core.items import ItemFilters, ItemRecord
from core.plugins import PluginSpec
from core.runs import ENDED
from evaluators.judge.ballots import kept_ballots
from evaluators.judge.calibration import JudgedText, calibration_report
from evaluators.judge.identity import identity_of, judge_settings, shortfalls
from evaluators.judge.settings import JudgeSettings

AT_ONCE = 200
"""Items read together."""
CHECKING_S = 15.0
"""How long people's labels are checked before the judge is asked; a dataset that takes longer is checked at the end."""
NEWEST = 20
"""Calibrations of one judge that a demand may be met by."""


def calibration_run(request: CalibrationRequest) -> BenchmarkDefinition:
    """The run in which the judge judges: its agent says what was recorded. Raises InvalidPlugin."""
    settings = judge_settings(request.judge, pointer="/judge")
    columns = [request.answer, *request.people, *_other_columns(settings)]
    fields = request.dataset.fields
    kept = tuple(dict.fromkeys((*fields.metadata, *columns)))
    return BenchmarkDefinition(
        name=request.name,
        benchmark_type="judge-calibration",
        dataset=request.dataset.model_copy(update={"fields": fields.model_copy(update={"metadata": kept})}),
        prompt=PromptSpec(template=f"{{{{ metadata[{json.dumps(request.answer)}] }}}}"),
        agents=(AgentSpec(name="recorded", agent=PluginSpec(kind="recorded"), concurrency=64),),
        evaluators=(_alone(request.judge),),
    )


def _other_columns(settings: JudgeSettings) -> list[str]:
    wanted = [settings.reference, settings.against if settings.mode == "pairwise" else None]
    return [name for name in wanted if name not in (None, "expected")]


def _alone(judge: Evaluation) -> Evaluation:
    """The judge without the rule that is heard first: here it judges everything."""
    return Evaluation.model_validate(
        {name: value for name, value in judge.model_dump().items() if name not in ("after", "when")}
    )


async def check_people(services: Services, request: CalibrationRequest, project_id: str) -> None:
    """Raises InvalidInput for labels that mean nothing to the judge, before it is paid for. Raises InvalidDataset."""
    definition = calibration_run(request)
    try:
        async with asyncio.timeout(CHECKING_S):
            case_set = await services.case_sets.prepare(definition.dataset, project_id=project_id, examples=0)
            for start in range(0, case_set.case_count, AT_ONCE):
                for case in await services.case_sets.read(case_set, start, start + AT_ONCE):
                    people_of(case, request)
    except TimeoutError:
        return


def people_of(case: Case, request: CalibrationRequest) -> tuple[str, ...]:
    """People's verdicts on a case in the judge's words. Raises InvalidInput."""
    known = judge_settings(request.judge).values
    said = tuple(_label(case.metadata.get(column)) for column in request.people)
    meant = tuple(request.meanings.get(label, label) for label in said if label)
    if not meant:
        raise InvalidInput(f"Case {case.id!r} has no verdict in {listed(request.people)}.", pointer="/people")
    if unknown := [label for label in meant if label not in known]:
        raise InvalidInput(
            f"Case {case.id!r} is labelled {unknown[0]!r}, which is no verdict of the judge ({', '.join(known)}); "
            "say in `meanings` what it stands for.",
            pointer="/meanings",
        )
    return meant


def _label(value: JsonValue) -> str:
    """3, 3.0 and "3" are one label."""
    if value is None or isinstance(value, list | dict):
        return ""
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value).strip()


async def settled(services: Services, calibration: Calibration) -> Calibration:
    """With its report, if its run has ended; it is made anew as long as a retry may bring verdicts that are missing."""
    report = calibration.report
    final = report is not None and calibration.status == "completed" and not report.missing
    if final or calibration.status not in ENDED:
        return calibration
    found = await _report(services, calibration)
    if found != report:
        await services.calibrations.keep_report(calibration.calibration_id, found)
    return calibration.model_copy(update={"report": found})


async def judge_shortfalls(
    services: Services, project_id: str, evaluation: Evaluation, level: CalibrationLevel, *, served: Collection[str]
) -> tuple[str, ...]:
    """Why a judge that these models served is not calibrated to the level; nothing if it is. Raises InvalidPlugin for
    what is no judge."""
    digest = identity_of(evaluation).digest
    page = await services.calibrations.page(project_id, limit=NEWEST, judge=digest)
    calibrations = [await settled(services, each) for each in page.items]
    return shortfalls(evaluation, calibrations, level, now=datetime.now(UTC), served=served)


async def _report(services: Services, calibration: Calibration) -> CalibrationReport:
    settings = judge_settings(calibration.request.judge)
    texts = [text async for text in _texts(services, calibration, settings)]
    return await asyncio.to_thread(calibration_report, texts, settings)


async def _texts(services: Services, calibration: Calibration, settings: JudgeSettings) -> AsyncGenerator[JudgedText]:
    key = await services.items.key(calibration.project_id, calibration.run_id)
    if key.case_set is None:
        return
    case_set = await services.case_sets.open(key.case_set)
    cursor, more = None, True
    while more:
        page = await services.items.page(key, ItemFilters(), versions={}, limit=AT_ONCE, cursor=cursor)
        cursor, more = page.next_cursor, page.next_cursor is not None
        cases = await services.case_sets.read(case_set, *_span(page.items)) if page.items else ()
        for item in page.items:
            case = cases[item.case_index - page.items[0].case_index]
            yield _text(case, item, calibration.request, settings)


def _span(items: Sequence[ItemRecord]) -> tuple[int, int]:
    return items[0].case_index, items[-1].case_index + 1


def _text(case: Case, item: ItemRecord, request: CalibrationRequest, settings: JudgeSettings) -> JudgedText:
    own = [score for score in item.scores if score.evaluator == request.judge.label]
    score = max(own, key=lambda score: score.scored_at, default=None)
    return JudgedText(
        people=people_of(case, request),
        value=score.value if score else None,
        cause="judge" if score is None else score.cause,
        ballots=kept_ballots(score.details if score else None),
        length=len(item.text or ""),
        other_length=_other_length(case, settings) if settings.mode == "pairwise" else None,
    )


def _other_length(case: Case, settings: JudgeSettings) -> int:
    other = case.expected if settings.against == "expected" else case.metadata.get(settings.against)
    return len(str(other or ""))
