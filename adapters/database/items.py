"""Recorded results, read: pages of items with their scores, and one item with the calls behind it."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Integer, Select, String, and_, exists, literal_column, or_, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute

from adapters.database.calls import waiting
from adapters.database.cursors import Cursor, Place
from adapters.database.engine import Sessions
from adapters.database.tables import AttemptRow, ResultRow, RunAgentRow, RunRow, ScoreRow
from core.calls import Waiting
from core.cases import Usage
from core.errors import InvalidInput, NotFound, listed
from core.items import AttemptFilters, AttemptRecord, ItemAttempt, ItemFilters, ItemRecord, ItemScore
from core.pages import Page

PLACES = Cursor("items", tuple[Place, Place, Place])
ATTEMPT_PLACES = Cursor("attempts", tuple[Place, Place, Place, Place])


class RunKey(NamedTuple):
    """How the large tables know a run: its number, and its agents' names in order."""

    run_no: int
    agents: tuple[str, ...]
    case_set: str | None

    def agent_no(self, agent_id: str) -> int:
        """Raises NotFound."""
        if agent_id not in self.agents:
            raise NotFound(f"The run has no agent {agent_id!r}; its agents are {listed(self.agents)}.")
        return self.agents.index(agent_id)


class ItemRepository:
    def __init__(self, sessions: Sessions) -> None:
        self._sessions = sessions

    async def key(self, project_id: str, run_id: str) -> RunKey:
        """Raises NotFound, also for a run of another project."""
        async with self._sessions() as session:
            found = await session.scalar(select(RunRow).where(RunRow.run_id == run_id, RunRow.project_id == project_id))
            if found is None:
                raise NotFound(f"There is no run {run_id!r}.")
            names = select(RunAgentRow.name).where(RunAgentRow.run_no == found.run_no).order_by(RunAgentRow.agent_no)
            return RunKey(found.run_no, tuple((await session.scalars(names)).all()), found.case_set)

    async def page(
        self, key: RunKey, filters: ItemFilters, *, versions: Mapping[str, str], limit: int, cursor: str | None = None
    ) -> Page[ItemRecord]:
        """In the order of agents, trials and cases. `versions` has that of each of the run's evaluators, by label;
        the first is the one that score filters mean by default."""
        query = _wanted(key, filters, versions, after=PLACES.decode(cursor))
        async with self._sessions() as session:
            rows = (await session.scalars(query.limit(limit + 1))).all()
            page = PLACES.page(rows, limit, lambda one: (one.agent_no, one.trial, one.case_index))
            scores = await _scores(session, page.items)
        return Page(tuple(_item(one, key, scores) for one in page.items), page.next_cursor)

    async def get(self, key: RunKey, agent_id: str, case_index: int, trial: int) -> ItemRecord:
        """Raises NotFound for a question that was not settled yet."""
        place = (key.run_no, key.agent_no(agent_id), trial, case_index)
        async with self._sessions() as session:
            row = await session.get(ResultRow, place)
            if row is None:
                raise NotFound(
                    f"Agent {agent_id!r} has no result for case {case_index} of trial {trial}: it was not asked yet, "
                    "or there is no such case."
                )
            return _item(row, key, await _scores(session, [row]))

    async def answers(self, key: RunKey, case_indices: Sequence[int]) -> Mapping[int, ItemRecord]:
        """Of the first agent, in its first trial, by case: those that are settled."""
        row = ResultRow
        query = select(row).where(
            row.run_no == key.run_no, row.agent_no == 0, row.trial == 0, row.case_index.in_(case_indices)
        )
        async with self._sessions() as session:
            rows = (await session.scalars(query)).all()
            scores = await _scores(session, rows)
        return {one.case_index: _item(one, key, scores) for one in rows}

    async def attempts(self, key: RunKey, agent_id: str, case_index: int, trial: int) -> tuple[ItemAttempt, ...]:
        """Every call for the question, in the order they were claimed."""
        row = AttemptRow
        query = select(row).where(
            row.run_no == key.run_no,
            row.agent_no == key.agent_no(agent_id),
            row.trial == trial,
            row.case_index == case_index,
        )
        async with self._sessions() as session:
            rows = await session.scalars(query.order_by(row.number))
            return tuple(_read(ItemAttempt, one) for one in rows)

    async def attempt_page(
        self, key: RunKey, filters: AttemptFilters, *, limit: int, cursor: str | None = None
    ) -> Page[AttemptRecord]:
        """Every call of the run, in the order of agents, trials, cases and claims."""
        row = AttemptRow
        place = (row.agent_no, row.trial, row.case_index, row.number)
        query = select(row).where(row.run_no == key.run_no)
        for column, value in (
            (row.agent_no, _wanted_agent(key, filters.agent_id)),
            (row.status, filters.status),
            (row.case_index, filters.case_index),
        ):
            if value is not None:
                query = query.where(column == value)
        if (after := ATTEMPT_PLACES.decode(cursor)) is not None:
            query = query.where(tuple_(*place) > after)
        async with self._sessions() as session:
            rows = (await session.scalars(query.order_by(*place).limit(limit + 1))).all()
        page = ATTEMPT_PLACES.page(rows, limit, lambda one: (one.agent_no, one.trial, one.case_index, one.number))
        return Page(tuple(_attempt(one, key) for one in page.items), page.next_cursor)

    async def waiting(self, key: RunKey) -> tuple[Waiting, ...]:
        """What each agent waits for at this moment, in order."""
        async with self._sessions() as session:
            return tuple([await waiting(session, key.run_no, no, name) for no, name in enumerate(key.agents)])


def _wanted(
    key: RunKey, filters: ItemFilters, versions: Mapping[str, str], *, after: tuple[int, int, int] | None
) -> Select[ResultRow]:
    row, score = ResultRow, ScoreRow
    query = select(row).where(row.run_no == key.run_no, *_conditions(key, filters))
    place = _place(row)
    if filters.about_scores:
        evaluator = filters.evaluator or next(iter(versions), "")
        wanted = _judged(filters, evaluator, versions)
        if evaluator in versions:
            # One verdict for each row at most: joined, so that the few wrong answers of many lead to their rows.
            query, place = query.join(score, and_(*wanted)), _place(score)
        else:
            query = query.where(exists(select(score.value).where(and_(*wanted))))
    # Of one table only: PostgreSQL thinks that next to nothing lies behind a place, and would try all pairs of two.
    return (query if after is None else query.where(tuple_(*place) > after)).order_by(*place)


def _place(row: type[ResultRow] | type[ScoreRow]) -> tuple[InstrumentedAttribute[int], ...]:
    return (row.agent_no, row.trial, row.case_index)


def _conditions(key: RunKey, filters: ItemFilters) -> list[ColumnElement[bool]]:
    row = ResultRow
    conditions: list[ColumnElement[bool]] = []
    for column, value in (
        (row.agent_no, _wanted_agent(key, filters.agent_id)),
        (row.status, filters.status),
        (row.cause, filters.cause),
        (row.category, filters.category),
        (row.case_id, filters.case_id),
    ):
        if value is not None:
            conditions.append(column == value)
    for quantity, low, high in (
        (row.latency_s, filters.min_latency_s, filters.max_latency_s),
        (row.cost_usd, filters.min_cost_usd, filters.max_cost_usd),
    ):
        if low is not None:
            conditions.append(quantity >= low)
        if high is not None:
            conditions.append(quantity <= high)
    if filters.text is not None:
        conditions.append(or_(*(said.icontains(filters.text, autoescape=True) for said in (row.text, row.detail))))
    if filters.status == "failed" or filters.cause is not None:
        # As it stands in the index of failures; only those have a cause.
        conditions.append(row.status == literal_column("'failed'", String))
    return conditions


def _wanted_agent(key: RunKey, agent_id: str | None) -> int | None:
    if agent_id is not None and agent_id not in key.agents:
        raise InvalidInput(f"The run has no agent {agent_id!r}; its agents are {listed(key.agents)}.", pointer="agent")
    return None if agent_id is None else key.agents.index(agent_id)


def _judged(filters: ItemFilters, evaluator: str, versions: Mapping[str, str]) -> list[ColumnElement[bool]]:
    row, score = ResultRow, ScoreRow
    wanted = [
        score.run_no == row.run_no,
        score.agent_no == row.agent_no,
        score.trial == row.trial,
        score.case_index == row.case_index,
        score.evaluator == evaluator,
    ]
    if evaluator in versions:
        wanted.append(score.version == versions[evaluator])
    if filters.correct:
        wanted.append(score.value == 1)
    if filters.min_score is not None:
        wanted.append(score.value >= filters.min_score)
    if filters.max_score is not None:
        wanted.append(score.value <= filters.max_score)
    if filters.correct is False or (filters.max_score is not None and filters.max_score < 1):
        # As it stands in the index of wrong answers.
        wanted.append(score.value < literal_column("1", Integer))
    return wanted


Scores = dict[tuple[int, int, int], list[ItemScore]]


async def _scores(session: AsyncSession, rows: Sequence[ResultRow]) -> Scores:
    scores: Scores = {(row.agent_no, row.trial, row.case_index): [] for row in rows}
    if rows:
        for score in await session.scalars(_scores_of(rows[0].run_no, list(scores))):
            scores[(score.agent_no, score.trial, score.case_index)].append(_read(ItemScore, score))
    return scores


def _scores_of(run_no: int, places: Sequence[tuple[int, int, int]]) -> Select[ScoreRow]:
    row = ScoreRow
    return (
        select(row)
        .where(row.run_no == run_no, tuple_(row.agent_no, row.trial, row.case_index).in_(places))
        .order_by(row.evaluator, row.version)
    )


def _item(row: ResultRow, key: RunKey, scores: Scores) -> ItemRecord:
    usage = Usage.model_validate({name: getattr(row, name) for name in Usage.model_fields})
    columns = {name: getattr(row, name) for name in ItemRecord.model_fields if hasattr(row, name)}
    place = (row.agent_no, row.trial, row.case_index)
    return ItemRecord.model_validate(
        columns | {"agent_id": key.agents[row.agent_no], "usage": usage, "scores": tuple(scores[place])}
    )


def _attempt(row: AttemptRow, key: RunKey) -> AttemptRecord:
    columns = {name: getattr(row, name) for name in AttemptRecord.model_fields if hasattr(row, name)}
    place = {"agent_id": key.agents[row.agent_no], "item_id": f"{row.agent_no}-{row.case_index}-{row.trial}"}
    return AttemptRecord.model_validate(columns | place)


def _read(model: type[Any], row: object) -> Any:
    return model.model_validate({name: getattr(row, name) for name in model.model_fields})
