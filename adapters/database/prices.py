"""The operator's prices in PostgreSQL."""

from datetime import datetime
from typing import Any

from sqlalchemy import Select, delete, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncEngine

from adapters.database.connections import patiently, raw_connection
from adapters.database.cursors import Cursor
from adapters.database.engine import sessions
from adapters.database.price_tables import PriceRow
from adapters.database.revisions import Expected, expect
from core.benchmarks import Price
from core.errors import NotFound
from core.pages import Page
from core.prices import OperatorPrice

PRICES = Cursor("prices", tuple[str, str])
OF = "select input_usd, output_usd, set_at, revision from prices where origin = $1 and model = $2"


class PriceRepository:
    """Implements `core.prices.Prices`, and keeps them."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine
        self._sessions = sessions(engine)

    async def of(self, origin: str, model: str) -> OperatorPrice | None:
        """Waits for the database."""

        async def once() -> list[tuple[float, float, datetime, int]]:
            async with raw_connection(self._engine) as connection:
                return [tuple(row) for row in await connection.fetch(OF, origin, model)]

        found = await patiently(once)
        return _price(origin, model, *found[0]) if found else None

    async def page(self, *, limit: int, cursor: str | None = None) -> Page[OperatorPrice]:
        """By origin and model."""
        row = PriceRow
        query = select(row).order_by(row.origin, row.model).limit(limit + 1)
        if (after := PRICES.decode(cursor)) is not None:
            query = query.where((row.origin > after[0]) | ((row.origin == after[0]) & (row.model > after[1])))
        async with self._sessions() as session:
            found = [_of_row(each) for each in await session.scalars(query)]
        return PRICES.page(found, limit, lambda each: (each.origin, each.model))

    async def set(self, origin: str, model: str, price: Price, *, expected: Expected | None = None) -> OperatorPrice:
        """In the place of what was set before. Raises StaleRevision unless that is at the expected revision."""
        told: dict[str, Any] = {"input_usd": price.input, "output_usd": price.output, "set_at": func.now()}
        async with self._sessions.begin() as session:
            told["revision"] = await expect(session, _revision(origin, model), expected)
            upsert = insert(PriceRow).values(origin=origin, model=model, **told)
            upsert = upsert.on_conflict_do_update(index_elements=["origin", "model"], set_=told)
            return _of_row((await session.scalars(upsert.returning(PriceRow))).one())

    async def remove(self, origin: str, model: str, *, expected: Expected | None = None) -> None:
        """Raises NotFound, StaleRevision."""
        row = PriceRow
        query = delete(row).where(row.origin == origin, row.model == model).returning(row.model)
        async with self._sessions.begin() as session:
            await expect(session, _revision(origin, model), expected)
            if await session.scalar(query) is None:
                raise NotFound(f"No price was set for {model!r} of {origin}.")


def _revision(origin: str, model: str) -> Select[int]:
    return select(PriceRow.revision).where(PriceRow.origin == origin, PriceRow.model == model)


def _of_row(row: PriceRow) -> OperatorPrice:
    return _price(row.origin, row.model, row.input_usd, row.output_usd, row.set_at, row.revision)


def _price(
    origin: str, model: str, input_usd: float, output_usd: float, set_at: datetime, revision: int
) -> OperatorPrice:
    price = Price(input=input_usd, output=output_usd)
    return OperatorPrice(origin=origin, model=model, price=price, set_at=set_at, revision=revision)
