"""Files of every format become the same rows, and a broken one is refused with its place."""

import gzip
import io
import json
from datetime import date
from decimal import Decimal
from typing import Any, cast

import pyarrow as pa  # type: ignore[import-untyped]
import pyarrow.parquet as pq  # type: ignore[import-untyped]
import pytest

from adapters.datasets import content as contents
from adapters.datasets.content import Content
from adapters.datasets.formats import Layout, table
from core.errors import InvalidDataset

ROWS = [{"question": "1 + 1?", "answer": "2"}, {"question": 'Größe, „so" 🎉?', "answer": "a,b"}]
LINES = b"\n".join(json.dumps(row).encode() for row in ROWS)
CSV = 'question,answer\n1 + 1?,2\n"Größe, „so"" 🎉?","a,b"\n'.encode()
TSV = 'question\tanswer\n1 + 1?\t2\nGröße, „so" 🎉?\ta,b\n'.encode()


def parquet(rows: list[dict[str, Any]]) -> bytes:
    sink = io.BytesIO()
    arrow = cast("Any", pa)
    cast("Any", pq).write_table(arrow.Table.from_pylist(rows), sink)
    return sink.getvalue()


def read(name: str, content: bytes, **layout: Any) -> list[dict[str, Any]]:
    return [row.columns for row in table(Content.in_memory(name, content), Layout(**layout)).rows]


WHOLE: list[tuple[str, bytes]] = [
    ("a.jsonl", LINES),
    ("a.jsonl", LINES + b"\n\n  \n"),
    ("a.jsonl", LINES.replace(b"\n", b"\r\n")),
    ("a.jsonl", b"\xef\xbb\xbf" + LINES),
    ("a.ndjson", LINES),
    ("a.json", json.dumps(ROWS).encode()),
    ("a.json", json.dumps({"canary": "x", "version": 1, "examples": ROWS, "tags": ["a"]}, indent=2).encode()),
    ("a.json", b"\xef\xbb\xbf" + json.dumps(ROWS).encode()),
    ("named-json-but-lines.json", LINES),
    ("a.csv", CSV),
    ("a.CSV", b"\xef\xbb\xbf" + CSV.replace(b"\n", b"\r\n")),
    ("a.tsv", TSV),
    ("a.parquet", parquet(ROWS)),
]


@pytest.mark.parametrize(("name", "content"), WHOLE, ids=[f"{at} {one[0]}" for at, one in enumerate(WHOLE)])
@pytest.mark.parametrize("packed", [False, True])
def test_every_format_gives_the_same_rows(name: str, content: bytes, packed: bool) -> None:
    assert read(name, content) == ROWS
    if packed:
        assert read(f"{name}.gz", gzip.compress(content)) == ROWS
        assert read(name, gzip.compress(content)) == ROWS


def test_a_file_without_header_gets_the_names_it_is_given() -> None:
    assert read("a.tsv", b"x\t1\ny\t2", header=False, columns=["q", "a"])[1] == {"q": "y", "a": "2"}
    assert read("a.tsv", b"x\t1", header=False) == [{"column_1": "x", "column_2": "1"}]


def test_quotes_mean_something_in_csv_and_nothing_in_tsv() -> None:
    assert read("a.csv", b'q\n"two\nlines, ""quoted"""\n') == [{"q": 'two\nlines, "quoted"'}]
    assert read("a.tsv", b'q\ta\n"so\t1\n') == [{"q": '"so', "a": "1"}]
    assert read("a.tsv", b'q\ta\n"x\ty"\t1\n', quotes=True) == [{"q": "x\ty", "a": "1"}]


def test_the_list_of_an_object_can_be_named() -> None:
    content = json.dumps({"train": [{"a": 1}], "test": [{"a": 2}]}).encode()
    assert read("a.json", content, list="test") == [{"a": 2}]
    with pytest.raises(InvalidDataset, match=r"name the list .* with `list`. Its lists are: test, train"):
        read("a.json", content)
    with pytest.raises(InvalidDataset, match="no list 'dev'; its lists are: test, train") as caught:
        read("a.json", content, list="dev")
    assert caught.value.pointer == "/dataset/source/list"


def test_long_numbers_keep_every_digit() -> None:
    line = b'{"a": 123456789012345678901234567890, "b": 3.14159265358979323846, "c": 0.1, "d": 9007199254740993}'
    [row] = read("a.jsonl", line)
    assert row["a"] == 123456789012345678901234567890
    assert row["b"] == Decimal("3.14159265358979323846")
    assert row["c"] == 0.1
    assert row["d"] == 9007199254740993


def test_parquet_values_become_what_json_has() -> None:
    rows = read(
        "a.parquet", parquet([{"when": date(2026, 11, 23), "n": float("nan"), "list": [{"x": 1}], "none": None}])
    )
    assert rows == [{"when": "2026-11-23", "n": None, "list": [{"x": 1}], "none": None}]
    with pytest.raises(InvalidDataset, match="Item 1: the column 'image' holds bytes"):
        read("a.parquet", parquet([{"image": b"\x89PNG"}]))


BROKEN: list[tuple[str, bytes, str]] = [
    ("a.jsonl", b'{"a": 1}\n{"a": \n', "Line 2: it is not JSON"),
    ("a.jsonl", b'{"a": 1}\n\n\n[1, 2]\n', "Line 4: it is a list; every line must be a JSON object"),
    ("a.jsonl", b'"text"', "Line 1: it is text"),
    ("a.jsonl", b"{'a': 1}", "Line 1: it is not JSON"),
    ("a.jsonl", b'{"a": NaN}', "Line 1: it is not JSON"),
    ("a.jsonl", b'{"a": 1e999}', "Line 1: it is not JSON"),
    ("a.jsonl", b'{"a": NaN, "b": 12345678901234567890}', "Line 1: it is not JSON"),
    ("a.jsonl", b'{"a": 1}\n{"a": "\xe9"}', "Line 2: it is not UTF-8: byte 0xe9 at column 8; save the file as UTF-8"),
    ("a.jsonl", b'{"a": "\\ud800"}', "Line 1: it is not JSON"),
    ("a.jsonl", "{}".encode("utf-16"), "is UTF-16"),
    ("a.jsonl", b"[" * 100_000, "Line 1: it is not JSON"),
    ("a.csv", b"a,b\n1,2\n1,2,3\n", "Line 3: it has 3 values for 2 columns"),
    ("a.csv", b"a,b\n1,2\n1\n", "Line 3: it has 1 values for 2 columns"),
    ("a.csv", b'a,b\n1,2\n"open,2\n3,4\n', "Line 3: it is broken: .*never ends"),
    ("a.csv", b'a,b\n1,"x"y\n', "Line 2: it is broken"),
    ("a.csv", b"a,a\n1,2\n", "Line 1: the header names 'a' twice"),
    ("a.csv", b"a,b\n1,\xff\n", "Line 2: it is not UTF-8: byte 0xff"),
    ("a.csv", b"PK\x03\x04rest", "is a zip archive"),
    ("a.json", b"", "is not JSON"),
    ("a.json", b'[\n{"a": 1},\n{"a": }\n]', "Line 3: .* is not JSON here"),
    ("a.json", b'[\n{"a": "\xe9"}]', "Line 2: it is not UTF-8"),
    ("a.json", b'[{"a": 1}, 2]', "Item 2: it is a number; every item must be a JSON object"),
    ("a.json", b'"text"', "is text; it must be a list of objects"),
    ("a.json", b'{"a": 1}', "is an object; name the list of rows in it"),
    ("a.parquet", b"PAR1 is not enough", "is not a readable Parquet file"),
    ("a.parquet", b"", "is not a readable Parquet file"),
    ("a.jsonl.gz", gzip.compress(LINES, mtime=0)[:-12], "is broken gzip data"),
    ("a.jsonl.gz", b"\x1f\x8bnothing", "is broken gzip data"),
    ("a.txt", b"x", "does not tell its format; end it in one of .csv, .json"),
    ("noending", b"x", "does not tell its format"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "content", "message"), BROKEN, ids=[f"{one[0]} {one[2][:40]}" for one in BROKEN])
def test_a_broken_file_is_refused_with_its_place(name: str, content: bytes, message: str) -> None:
    with pytest.raises(InvalidDataset, match=message):
        read(name, content)


def test_columns_for_a_file_that_has_a_header_are_refused() -> None:
    with pytest.raises(InvalidDataset, match="set `header: false`, or leave `columns` out"):
        read("a.csv", CSV, columns=["x", "y"])


def test_a_bomb_stops_at_the_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(contents, "UNPACKED_LIMIT", 1024**2)
    bomb = gzip.compress(b'{"a": 1}\n' * 2_000_000)
    assert len(bomb) < 100_000
    with pytest.raises(InvalidDataset, match="unpacks to more than"):
        read("a.jsonl.gz", bomb)
    endless = gzip.compress(b"a,b\n" + b" " * 4 * 1024**2)
    with pytest.raises(InvalidDataset, match="unpacks to more than"):
        read("a.csv", endless)


def test_an_endless_line_stops_at_the_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(contents, "LINE_LIMIT", 1024)
    with pytest.raises(InvalidDataset, match="Line 2: it is longer than"):
        read("a.jsonl", b'{"a": 1}\n{"a": "' + b"x" * 5000 + b'"}\n')
