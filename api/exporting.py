"""Runs in the formats of others, read page by page and sent as they are written."""

import hashlib
import re
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from typing import Final, cast

from fastapi import Request, Response
from starlette.responses import StreamingResponse

from adapters.database.items import RunKey
from adapters.prompts.prompts import JinjaPrompts
from adapters.software import release
from api.conditional import PRIVATE, names
from api.item_views import judging_versions
from api.problem_kinds import INVALID
from api.problems import ProblemDetail, ProblemError
from api.services import Services
from core.cases import Case, Message
from core.datasets import CaseSet
from core.errors import Conflict, InvalidInput, InvalidPlugin, listed
from core.exports import ExportedItem, Exporter
from core.items import ItemFilters, ItemRecord, ItemScore
from core.plugins import PluginSpec, find, installed, settings_of
from core.ports import Prompter
from core.runs import ENDED, Run

PAGE: Final = 200
"""Items that are held at once."""
UNSAFE: Final = re.compile(r"[^A-Za-z0-9._-]+")
LONGEST_NAME: Final = 80
Ask = Callable[[ItemRecord, Case], tuple[Message, ...]]


async def exported(services: Services, request: Request, run: Run, *, format: str, agent: str | None) -> Response:
    """The file. Raises ProblemError for an unknown format or agent, Conflict for a run that has not ended."""
    exporter = _exporter(format)
    subject = _subject(run, exporter, format=format, agent=agent)
    if run.status not in ENDED:
        raise Conflict(
            f"The run is {run.status}; it can be exported once it has ended. /v1/runs/{run.run_id}/items has what is "
            "there by now."
        )
    headers = {"ETag": _tag(run, format, agent), "Cache-Control": PRIVATE}
    if names(request.headers.get("if-none-match", ""), headers["ETag"]):
        return Response(status_code=304, headers=headers)
    headers["Content-Disposition"] = f'attachment; filename="{_file_name(subject, exporter, agent)}"'
    content = exporter.write(subject, _pages(services, run, agent))
    # What is wrong from the start is a problem, not a file that breaks off.
    first = await anext(content, b"")
    return StreamingResponse(_sent(first, content), headers=headers, media_type=exporter.media_type)


def _exporter(format: str) -> Exporter:
    try:
        plugin = find("exporters", format)
        return cast("Exporter", plugin.build(settings_of("exporters", PluginSpec(kind=format))))
    except InvalidPlugin as error:
        there = f"There is no format {format!r}; the formats are {listed(sorted(installed('exporters')))}."
        raise _wrong("format", there) from error


def _subject(run: Run, exporter: Exporter, *, format: str, agent: str | None) -> Run:
    """The run as the file tells it: whole, or of one agent."""
    there = [each.agent_id for each in run.agents]
    if agent is not None and agent not in there:
        raise _wrong("agent", f"The run has no agent {agent!r}; its agents are {listed(there)}.")
    if agent is None and exporter.one_agent and len(there) != 1:
        raise _wrong("agent", f"A file of the format {format!r} holds one agent; say which: {listed(there)}.")
    return run.model_copy(update={"agents": tuple(each for each in run.agents if agent in (None, each.agent_id))})


def _wrong(parameter: str, detail: str) -> ProblemError:
    return ProblemError(INVALID, detail, errors=[ProblemDetail(pointer=parameter, detail=detail)])


async def _sent(first: bytes, content: AsyncGenerator[bytes]) -> AsyncGenerator[bytes]:
    yield first
    async for piece in content:
        if piece:
            yield piece


async def _pages(services: Services, run: Run, agent: str | None) -> AsyncGenerator[Sequence[ExportedItem]]:
    if run.case_set is None:
        return
    key = await services.items.key(run.project_id, run.run_id)
    case_set = await services.case_sets.open(run.case_set)
    versions = judging_versions(run)
    asked = {spec.name: _asking(JinjaPrompts().open(spec.prompt or run.config.prompt, case_set))
             for spec in run.config.agents}  # fmt: skip
    async for items in _records(services, key, agent, versions):
        cases = await _cases(services, case_set, items)
        yield [
            ExportedItem(
                item_id=f"{item.agent_no}-{item.case_index}-{item.trial}",
                record=item,
                case=cases[item.case_index],
                messages=asked[item.agent_id](item, cases[item.case_index]),
                scores=_current(run, item, versions),
            )
            for item in items
        ]


async def _records(
    services: Services, key: RunKey, agent: str | None, versions: Mapping[str, str]
) -> AsyncGenerator[Sequence[ItemRecord]]:
    cursor: str | None = None
    while True:
        filters = ItemFilters(agent_id=agent)
        page = await services.items.page(key, filters, versions=versions, limit=PAGE, cursor=cursor)
        if page.items:
            yield page.items
        if (cursor := page.next_cursor) is None:
            return


async def _cases(services: Services, case_set: CaseSet, items: Sequence[ItemRecord]) -> Mapping[int, Case]:
    """By their index. A page is one stretch of cases, or few where a trial or an agent ends in it."""
    wanted = sorted({item.case_index for item in items})
    cases: dict[int, Case] = {}
    start = 0
    for at in range(1, len(wanted) + 1):
        if at == len(wanted) or wanted[at] != wanted[at - 1] + 1:
            low, high = wanted[start], wanted[at - 1] + 1
            cases |= dict(zip(range(low, high), await services.case_sets.read(case_set, low, high), strict=True))
            start = at
    return cases


def _asking(prompter: Prompter) -> Ask:
    def messages(item: ItemRecord, case: Case) -> tuple[Message, ...]:
        try:
            return prompter.question(case, trial=item.trial, reveal_expected=False).messages
        except InvalidInput:
            # It failed for that very reason, and its record says so.
            return ()

    return messages


def _current(run: Run, item: ItemRecord, versions: Mapping[str, str]) -> Mapping[str, ItemScore]:
    """The verdicts that count, in the order of the run's evaluators; the newest where its version is not known here."""
    if item.status == "failed":
        return {}
    found: dict[str, ItemScore] = {}
    for evaluation in run.config.evaluators:
        label = evaluation.label
        fitting = [
            score
            for score in item.scores
            if score.evaluator == label and versions.get(label, score.version) == score.version
        ]
        if fitting:
            found[label] = max(fitting, key=lambda score: score.scored_at)
    return found


def _tag(run: Run, format: str, agent: str | None) -> str:
    """Changes with the run and with the service that writes it."""
    said = (run.run_id, run.round, run.updated_at, run.status, format, agent, release())
    return f'"{run.revision}.{hashlib.blake2b(repr(said).encode(), digest_size=12).hexdigest()}"'


def _file_name(subject: Run, exporter: Exporter, agent: str | None) -> str:
    """Of ASCII letters, digits and `._-` only, whatever the run is called."""
    whole = "-".join([subject.name, *([agent] if agent else [])])
    name = UNSAFE.sub("-", whole).strip("-.")[:LONGEST_NAME] or "run"
    return f"{name}-{subject.run_id[-8:]}.{exporter.suffix}"
