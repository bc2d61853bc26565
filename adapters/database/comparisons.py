"""Stored comparisons and the cases that changed."""

from collections.abc import Sequence
from typing import NamedTuple

from pydantic import AwareDatetime
from sqlalchemy import insert, select, tuple_

from adapters.database.comparison_tables import ComparisonRow, FlipRow
from adapters.database.cursors import Cursor, Place
from adapters.database.engine import Sessions
from core.comparisons import Comparison, Flip
from core.errors import NotFound
from core.pages import Page

COMPARISONS = Cursor("comparisons", tuple[AwareDatetime, str])
FLIPS = Cursor("flips", tuple[Place])
APART = {"comparison_id", "project_id", "created_at"}
"""Fields that have columns of their own."""


class PlacedFlip(NamedTuple):
    place: int
    flip: Flip


class ComparisonRepository:
    def __init__(self, sessions: Sessions) -> None:
        self._sessions = sessions

    async def add(self, comparison: Comparison, flips: Sequence[Flip]) -> None:
        row = ComparisonRow(
            comparison_id=comparison.comparison_id,
            project_id=comparison.project_id,
            baseline_run=comparison.baseline.run_id,
            candidate_run=comparison.candidate.run_id,
            content=comparison.model_dump(mode="json", exclude=APART),
            created_at=comparison.created_at,
        )
        own = comparison.comparison_id
        rows = [{"comparison_id": own, "place": place, **dict(flip)} for place, flip in enumerate(flips)]
        async with self._sessions.begin() as session:
            session.add(row)
            await session.flush()
            if rows:
                await session.execute(insert(FlipRow), rows)

    async def get(self, project_id: str, comparison_id: str) -> Comparison:
        """Raises NotFound, also for one of another project."""
        async with self._sessions() as session:
            row = await session.get(ComparisonRow, comparison_id)
        if row is None or row.project_id != project_id:
            raise NotFound(f"There is no comparison {comparison_id!r}.")
        return _comparison(row)

    async def page(
        self, project_id: str, *, limit: int, cursor: str | None = None, run_id: str | None = None
    ) -> Page[Comparison]:
        """The newest first; with `run_id` those that this run has a part in."""
        row = ComparisonRow
        query = select(row).where(row.project_id == project_id)
        if run_id is not None:
            query = query.where((row.baseline_run == run_id) | (row.candidate_run == run_id))
        if (after := COMPARISONS.decode(cursor)) is not None:
            query = query.where(tuple_(row.created_at, row.comparison_id) < after)
        query = query.order_by(row.created_at.desc(), row.comparison_id.desc()).limit(limit + 1)
        async with self._sessions() as session:
            found = [_comparison(each) for each in await session.scalars(query)]
        return COMPARISONS.page(found, limit, lambda one: (one.created_at, one.comparison_id))

    async def flips(
        self, comparison_id: str, *, limit: int, cursor: str | None = None, **narrow: str | None
    ) -> Page[Flip]:
        """The greatest changes first. `narrow` by direction, category or case_id; None does not narrow."""
        row = FlipRow
        query = select(row).where(row.comparison_id == comparison_id)
        for name, value in narrow.items():
            query = query if value is None else query.where(getattr(row, name) == value)
        if (after := FLIPS.decode(cursor)) is not None:
            query = query.where(row.place > after[0])
        async with self._sessions() as session:
            found = [
                PlacedFlip(each.place, Flip.model_validate({name: getattr(each, name) for name in Flip.model_fields}))
                for each in await session.scalars(query.order_by(row.place).limit(limit + 1))
            ]
        page = FLIPS.page(found, limit, lambda one: (one.place,))
        return Page(tuple(one.flip for one in page.items), page.next_cursor)


def _comparison(row: ComparisonRow) -> Comparison:
    own = {name: getattr(row, name) for name in APART}
    return Comparison.model_validate({**row.content, **own})
