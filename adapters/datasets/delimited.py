"""CSV and TSV."""

import csv
from collections.abc import Callable, Iterator, Sequence

from adapters.datasets.content import LINE_LIMIT, Content, decoded, text_lines
from adapters.datasets.source import Row
from core.errors import InvalidDataset

# The module's own limit of 128 KiB is for the whole process, and less than a long document.
EMPTY: tuple[int, list[str]] = (1, [])
csv.field_size_limit(LINE_LIMIT)


def delimited_rows(
    content: Content, delimiter: str, *, header: bool, columns: Sequence[str], quotes: bool
) -> Iterator[Row]:
    """Raises InvalidDataset, naming the line a row starts on."""
    with content.unpacked() as stream:
        lines = (decoded(line, number) for number, line in enumerate(text_lines(stream, content.name), 1))
        reader = csv.reader(
            lines, delimiter=delimiter, quoting=csv.QUOTE_MINIMAL if quotes else csv.QUOTE_NONE, strict=True
        )
        rows = _numbered(reader, lambda: reader.line_num)
        names: Sequence[str] = columns
        if header:
            names = _named(next(rows, EMPTY)[1], columns)
        for number, values in rows:
            names = names or tuple(f"column_{place}" for place in range(1, len(values) + 1))
            if len(values) != len(names):
                raise InvalidDataset(f"it has {len(values)} values for {len(names)} columns.", line=number)
            yield Row(number, dict(zip(names, values, strict=True)))


def _numbered(reader: Iterator[list[str]], lines_read: Callable[[], int]) -> Iterator[tuple[int, list[str]]]:
    while True:
        start = lines_read() + 1
        try:
            values = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            hint = ", so a quoted value that starts here never ends" if "end of data" in str(error) else ""
            raise InvalidDataset(f"it is broken: {error}{hint}.", line=start) from error
        if values:
            yield start, values


def _named(names: list[str], columns: Sequence[str]) -> Sequence[str]:
    if columns:
        raise InvalidDataset(
            "`columns` names the columns of a file without a header; set `header: false`, or leave `columns` out.",
            pointer="/dataset/source/columns",
        )
    stripped = [name.strip() for name in names]
    twice = {name for name in stripped if stripped.count(name) > 1}
    if twice:
        raise InvalidDataset(f"the header names {sorted(twice)[0]!r} twice; give every column its own name.", line=1)
    return stripped
