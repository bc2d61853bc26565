"""An upload is read to its end before it is accepted."""

import gzip
import hashlib
import json

import pytest

from adapters.datasets.formats import Layout
from adapters.datasets.uploads import inspect_upload
from core.errors import InvalidDataset


def test_an_upload_tells_its_rows_and_columns() -> None:
    content = b'{"input": "a"}\n\n{"input": "b", "target": 1}\n'
    upload = inspect_upload(content, "sums.jsonl")
    assert (upload.format, upload.row_count, upload.fields) == ("jsonl", 2, ("input", "target"))
    assert upload.digest == hashlib.sha256(content).hexdigest()
    assert upload.object_key == f"datasets/{upload.digest[:2]}/{upload.digest}"


def test_a_packed_table_is_told_by_what_is_in_it() -> None:
    upload = inspect_upload(gzip.compress(b"q,a\n1,2\n3,4\n"), "sums.csv.gz")
    assert (upload.format, upload.row_count, upload.fields) == ("csv", 2, ("q", "a"))


def test_a_name_without_ending_needs_a_format() -> None:
    with pytest.raises(InvalidDataset, match="set `format` to one of csv, json, jsonl, parquet, tsv"):
        inspect_upload(b"{}", "sums")
    assert inspect_upload(b'{"a": 1}', "sums", Layout(format="jsonl")).row_count == 1


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b'{"a": 1}\n{"a": }\n', "^Line 2: it is not JSON"),
        (b'{"a": 1}\n{"a": "x\\u0000y"}\n', "^Line 2: it holds the character NUL"),
        (
            b'{"a": 1}\n{"b": {"deep": ["\\ud83d", 12345678901234567890]}}\n',
            "^Line 2: it holds half of a surrogate pair",
        ),
        (b"", "'sums.jsonl' has no rows"),
        (b"\n \n", "'sums.jsonl' has no rows"),
        (json.dumps({f"c{n}": n for n in range(2000)}).encode(), "at most .* 1000 columns"),
    ],
)
def test_what_could_not_be_stored_is_refused(content: bytes, message: str) -> None:
    with pytest.raises(InvalidDataset, match=message):
        inspect_upload(content, "sums.jsonl")


def test_escaped_text_about_nul_is_accepted() -> None:
    assert inspect_upload(rb'{"a": "write \\u0000"}', "a.jsonl").row_count == 1
