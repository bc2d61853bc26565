"""Tables of rows into the lines of a case set: blocking, for a thread."""

import hashlib
from collections.abc import Generator, Iterable, Sequence
from contextlib import contextmanager
from typing import NamedTuple

from adapters.datasets.drafts import Draft
from adapters.datasets.mapping import Mapper
from adapters.datasets.selection import Selection, select
from adapters.datasets.shards import SHARD_BYTES, SHARD_CASES, shard_key
from adapters.datasets.source import Row, Table
from core.benchmarks import DatasetSpec
from core.cases import Case
from core.datasets import CaseSet
from core.errors import InvalidDataset, listed

MANY = 50
"""Categories that a message names at most."""


class Composition(NamedTuple):
    """A case set whose shards are still to be written; `draft` has their content."""

    case_set: CaseSet
    selection: Selection


def gather(draft: Draft, tables: Sequence[Table], spec: DatasetSpec, keeps: Sequence[str]) -> None:
    """Maps and filters all rows into the draft. Raises InvalidDataset."""
    mapper = Mapper(spec.fields, keeps, several_files=len(tables) > 1)
    wanted = set(spec.categories)
    seen: set[str] = set()
    for table in tables:
        draft.begin(table)
        ordinal = 0
        with _closed_after(table.rows) as rows:
            for ordinal, row in enumerate(rows, 1):
                case = mapper.case(table, row, ordinal)
                seen.add(case.category or "")
                if not wanted or case.category in wanted:
                    draft.add(case, row.number)
        if not ordinal:
            raise InvalidDataset(f"{table.name!r} has no rows; it needs at least one.", pointer="/dataset/source")
    if unknown := sorted(wanted - seen):
        raise InvalidDataset(
            f"No case is of the category {unknown[0]!r}; the categories are: {listed(sorted(seen - {''})[:MANY])}.",
            pointer="/dataset/categories",
        )
    draft.finish()


@contextmanager
def _closed_after(rows: Iterable[Row]) -> Generator[Iterable[Row]]:
    """A row that is wrong ends the reading: its file is closed at once, not when somebody collects the garbage."""
    try:
        yield rows
    finally:
        if isinstance(rows, Generator):
            rows.close()


def compose(draft: Draft, spec: DatasetSpec, *, examples: int) -> Composition:
    """Selects, and names the case set and its shards by their content. Raises InvalidDataset."""
    selection = select(draft, limit=spec.limit, examples=examples, drawn=spec.order == "drawn")
    size = int(min(SHARD_CASES, max(1, SHARD_BYTES // max(draft.mean_size(), 1))))
    digest = hashlib.sha256()
    keys: list[str] = []
    for start in range(0, len(selection.asked), size):
        block = shard_content(draft, selection, start, size)
        digest.update(block)
        keys.append(shard_key(block))
    shown = {name: list(draft.lines(places)) for name, places in sorted(selection.examples.items())}
    for lines in shown.values():
        digest.update(b"\n" + b"\n".join(lines))
    case_set = CaseSet(
        digest=digest.hexdigest(),
        case_count=len(selection.asked),
        shard_size=size,
        shards=tuple(keys),
        examples={name: tuple(Case.model_validate_json(line) for line in lines) for name, lines in shown.items()},
    )
    return Composition(case_set, selection)


def shard_content(draft: Draft, selection: Selection, start: int, size: int) -> bytes:
    """The lines of the shard that starts with the case at `start`, each ended."""
    return b"".join(line + b"\n" for line in draft.lines(selection.asked[start : start + size]))
