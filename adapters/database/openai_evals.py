"""Evals and eval runs as clients of OpenAI's API named them."""

from collections.abc import Sequence
from typing import Any, TypeVar

from sqlalchemy import Select, delete, func, select, tuple_
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute

from adapters.database.engine import Sessions
from adapters.database.openai_tables import OpenAIEvalRow, OpenAIEvalRunRow, OpenAIFileRow
from adapters.database.tables import RunRow
from core.errors import NotFound
from core.openai_evals import EvalRecord, EvalRunRecord, FileRecord, Order
from core.runs import RunStatus

T = TypeVar("T", OpenAIEvalRow, OpenAIEvalRunRow, OpenAIFileRow)


class OpenAIEvals:
    """Ids ascend with time, so lists are in their order. Raises NotFound, also for what belongs to another project."""

    def __init__(self, sessions: Sessions) -> None:
        self._sessions = sessions

    async def add(self, project_id: str, eval_id: str, content: dict[str, Any]) -> EvalRecord:
        """`content`: the columns of an eval besides its id, project and times. Added again it is what it was."""
        values = {"eval_id": eval_id, "project_id": project_id, **_columns(content)}
        async with self._sessions.begin() as session:
            await session.execute(insert(OpenAIEvalRow).values(values).on_conflict_do_nothing())
        return await self.get(project_id, eval_id)

    async def get(self, project_id: str, eval_id: str) -> EvalRecord:
        async with self._sessions() as session:
            return _eval(await _eval_row(session, project_id, eval_id))

    async def page(
        self, project_id: str, *, limit: int, after: str | None, order: Order, by_update: bool = False
    ) -> list[EvalRecord]:
        """One more than the limit, if there are more."""
        row = OpenAIEvalRow
        query = select(row).where(row.project_id == project_id)
        if by_update:
            place = tuple_(row.updated_at, row.eval_id)
            if after is not None:
                query = query.where(_beyond(place, await self._updated(project_id, after), order))
            columns = (row.updated_at, row.eval_id)
            query = query.order_by(*(each.desc() if order == "desc" else each for each in columns))
        else:
            query = _part(query, row.eval_id, after, order)
        async with self._sessions() as session:
            return [_eval(each) for each in await session.scalars(query.limit(limit + 1))]

    async def change(self, project_id: str, eval_id: str, changes: dict[str, Any]) -> EvalRecord:
        async with self._sessions.begin() as session:
            row = await _eval_row(session, project_id, eval_id)
            for name, value in _columns(changes).items():
                setattr(row, name, value)
            row.updated_at = func.now()
            await session.flush()
            await session.refresh(row)
            return _eval(row)

    async def remove(self, project_id: str, eval_id: str) -> None:
        """Its runs are no runs of an eval any more."""
        async with self._sessions.begin() as session:
            await session.delete(await _eval_row(session, project_id, eval_id))

    async def run(self, project_id: str, eval_id: str, run_id: str) -> EvalRunRecord:
        async with self._sessions() as session:
            return _run(await _run_row(session, project_id, eval_id, run_id))

    async def runs(
        self,
        project_id: str,
        eval_id: str,
        *,
        limit: int,
        after: str | None,
        order: Order,
        statuses: Sequence[RunStatus] = (),
    ) -> list[EvalRunRecord]:
        """One more than the limit, if there are more; of runs at one of these, if any are named."""
        row = OpenAIEvalRunRow
        query = select(row).join(RunRow, RunRow.run_id == row.run_id)
        query = query.where(row.project_id == project_id, row.eval_id == eval_id)
        if statuses:
            query = query.where(RunRow.status.in_(statuses))
        async with self._sessions() as session:
            found = await session.scalars(_part(query, row.run_id, after, order).limit(limit + 1))
            return [_run(each) for each in found]

    async def remove_run(self, project_id: str, eval_id: str, run_id: str) -> None:
        """The run of ours stays."""
        async with self._sessions.begin() as session:
            await session.delete(await _run_row(session, project_id, eval_id, run_id))

    async def _updated(self, project_id: str, eval_id: str) -> tuple[Any, str]:
        return (await self.get(project_id, eval_id)).updated_at, eval_id


class OpenAIFiles:
    """As above, for files."""

    def __init__(self, sessions: Sessions) -> None:
        self._sessions = sessions

    async def add(
        self, project_id: str, file_id: str, *, dataset_id: str, filename: str, purpose: str, size_bytes: int
    ) -> FileRecord:
        """Added again it is what it was."""
        values = {
            "file_id": file_id,
            "project_id": project_id,
            "dataset_id": dataset_id,
            "filename": filename,
            "purpose": purpose,
            "size_bytes": size_bytes,
        }
        async with self._sessions.begin() as session:
            await session.execute(insert(OpenAIFileRow).values(values).on_conflict_do_nothing())
        return await self.get(project_id, file_id)

    async def get(self, project_id: str, file_id: str) -> FileRecord:
        row = OpenAIFileRow
        async with self._sessions() as session:
            found = await session.scalar(select(row).where(row.project_id == project_id, row.file_id == file_id))
        if found is None:
            raise NotFound(f"There is no file {file_id!r}.")
        return _file(found)

    async def page(
        self, project_id: str, *, limit: int, after: str | None, order: Order, purpose: str | None
    ) -> list[FileRecord]:
        row = OpenAIFileRow
        query = select(row).where(row.project_id == project_id)
        query = query if purpose is None else query.where(row.purpose == purpose)
        async with self._sessions() as session:
            return [
                _file(each) for each in await session.scalars(_part(query, row.file_id, after, order).limit(limit + 1))
            ]

    async def remove(self, project_id: str, file_id: str) -> None:
        """The dataset stays, for runs may be made of it."""
        row = OpenAIFileRow
        query = delete(row).where(row.project_id == project_id, row.file_id == file_id)
        async with self._sessions.begin() as session:
            if await session.scalar(query.returning(row.file_id)) is None:
                raise NotFound(f"There is no file {file_id!r}.")


def _part(query: Select[T], key: InstrumentedAttribute[str], after: str | None, order: Order) -> Select[T]:
    query = query if after is None else query.where(_beyond(key, after, order))
    return query.order_by(key.desc() if order == "desc" else key)


def _beyond(place: Any, after: Any, order: Order) -> Any:
    return place < after if order == "desc" else place > after


async def _eval_row(session: AsyncSession, project_id: str, eval_id: str) -> OpenAIEvalRow:
    row = OpenAIEvalRow
    found = await session.scalar(select(row).where(row.project_id == project_id, row.eval_id == eval_id))
    if found is None:
        raise NotFound(f"There is no eval {eval_id!r}.")
    return found


async def _run_row(session: AsyncSession, project_id: str, eval_id: str, run_id: str) -> OpenAIEvalRunRow:
    await _eval_row(session, project_id, eval_id)
    row = OpenAIEvalRunRow
    found = await session.scalar(select(row).where(row.eval_id == eval_id, row.run_id == run_id))
    if found is None:
        raise NotFound(f"The eval {eval_id!r} has no run {run_id!r}.")
    return found


def _columns(content: dict[str, Any]) -> dict[str, Any]:
    """`metadata` is a word of SQLAlchemy's."""
    return {"properties" if name == "metadata" else name: value for name, value in content.items()}


def _eval(row: OpenAIEvalRow) -> EvalRecord:
    return EvalRecord.model_validate(_fields(EvalRecord, row))


def _run(row: OpenAIEvalRunRow) -> EvalRunRecord:
    return EvalRunRecord.model_validate(_fields(EvalRunRecord, row))


def _file(row: OpenAIFileRow) -> FileRecord:
    return FileRecord.model_validate({name: getattr(row, name) for name in FileRecord.model_fields})


def _fields(model: type[EvalRecord | EvalRunRecord], row: object) -> dict[str, Any]:
    return {name: getattr(row, "properties" if name == "metadata" else name) for name in model.model_fields}
