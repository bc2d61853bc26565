"""Rows of two files joined by a column: questions in the one, and what is right in the other."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from adapters.datasets.source import Columns, Row, Table

MOST = 1_000_000
"""Rows of the second file, which are held in memory."""


def joined(table: Table, partner: Table, on: str) -> Table:
    """The table's rows with the columns that the partner's row of the same `on` has besides; a row's own columns stay.

    Iterating raises InvalidDataset for a row without a partner, and for two of them.
    """
    return replace(table, rows=_rows(table, partner, on))


def _rows(table: Table, partner: Table, on: str) -> Iterator[Row]:
    partners = _by_value(partner, on)
    for row in table.rows:
        value = _value(row, on, table)
        if value not in partners:
            raise table.wrong(row.number, f"no row of {partner.name!r} that joins it has {value} as {on!r}.")
        yield Row(row.number, partners[value] | row.columns)


def _by_value(partner: Table, on: str) -> dict[str, Columns]:
    found: dict[str, Columns] = {}
    for row in partner.rows:
        value = _value(row, on, partner)
        if value in found:
            raise partner.wrong(row.number, f"{value} is the {on!r} of an earlier row of {partner.name!r} too.")
        found[value] = row.columns
        if len(found) > MOST:
            raise partner.wrong(row.number, f"a file that is joined has at most {MOST:,} rows.")
    return found


def _value(row: Row, on: str, table: Table) -> str:
    """As it would be written: 7 and "7" are different."""
    value: Any = row.columns.get(on)
    if value is None:
        raise table.wrong(row.number, f"it has no {on!r} to join it by.")
    return repr(value)
