"""Datasets as they arrive: read once from end to end, so that a broken file is refused with its line."""

import hashlib
from typing import NamedTuple

from adapters.datasets.content import Content
from adapters.datasets.drafts import ROW_LIMIT
from adapters.datasets.formats import Format, Layout, format_of, table
from adapters.datasets.json_text import canonical
from adapters.datasets.texts import trouble_within
from core.errors import InvalidDataset

FIELD_LIMIT = 1000


class Upload(NamedTuple):
    format: Format
    row_count: int
    fields: tuple[str, ...]
    """Columns, in order of first appearance."""
    digest: str
    """sha256 of the bytes."""
    object_key: str
    """Where the bytes belong in object storage."""


def inspect_upload(content: bytes, filename: str, layout: Layout | None = None) -> Upload:
    """What a file holds. Blocking and CPU-bound: call it in a thread.

    Raises InvalidDataset, naming the line, for what is broken, empty, or cannot be stored.
    """
    layout = layout or Layout()
    file = Content.in_memory(filename, content)
    format_ = format_of(file, layout)
    rows = table(file, layout.model_copy(update={"format": format_}))
    fields: dict[str, None] = {}
    count = 0
    for row in rows.rows:
        count += 1
        fields.update(dict.fromkeys(row.columns))
        if (reason := _trouble(row.columns)) is not None:
            raise rows.wrong(row.number, f"it {reason}.")
        if count > ROW_LIMIT or len(fields) > FIELD_LIMIT:
            raise InvalidDataset(f"A dataset has at most {ROW_LIMIT} rows and {FIELD_LIMIT} columns.")
    if not count:
        raise InvalidDataset(f"{filename!r} has no rows; a dataset needs at least one.")
    digest = hashlib.sha256(content).hexdigest()
    return Upload(format_, count, tuple(fields), digest, f"datasets/{digest[:2]}/{digest}")


def _trouble(columns: dict[str, object]) -> str | None:
    try:
        line = canonical(columns)
    except (ValueError, TypeError, RecursionError) as error:
        return trouble_within(columns) or f"cannot be written as JSON ({error})"
    return trouble_within(columns) if b"\\u0000" in line else None
