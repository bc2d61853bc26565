"""Questions in one file, what is right in another."""

import json
from pathlib import Path
from typing import Any

import pytest

from adapters.datasets.case_sets import StoredCaseSets
from core.errors import InvalidDataset, InvalidInput
from tests.adapters.datasets.preparing import case_sets, cases_of


def write(path: Path, rows: list[dict[str, Any]]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(f"{json.dumps(row)}\n" for row in rows))


@pytest.fixture
def data(tmp_path: Path) -> Path:
    folder = tmp_path / "data"
    write(folder / "sums.jsonl", [{"id": "a", "input": "1 + 1"}, {"id": "b", "input": "2 + 2"}])
    write(folder / "jokes.jsonl", [{"id": "c", "input": "Tell one."}])
    write(folder / "right" / "sums.jsonl", [{"id": "b", "answer": "4", "input": "x"}, {"id": "a", "answer": "2"}])
    return folder


@pytest.fixture
def sets(tmp_path: Path, data: Path) -> StoredCaseSets:
    return case_sets(tmp_path / "objects", local_folders=(data,))


def source(data: Path, folder: str = "right", **join: str) -> dict[str, Any]:
    return {"source": {"kind": "file", "path": f"{data}/*.jsonl", "join": {"folder": str(data / folder), **join}}}


async def test_rows_get_the_columns_of_their_partners(sets: StoredCaseSets, data: Path) -> None:
    cases = {case.id: case for case in await cases_of(sets, source(data))}
    assert [cases[each].expected for each in "abc"] == ["2", "4", None]
    assert cases["b"].input == "2 + 2", "a row's own columns stay"


@pytest.mark.parametrize(
    ("partners", "trouble"),
    [
        ([{"id": "a", "answer": "2"}], "Line 2: no row of 'sums' that joins it has 'b' as 'id'"),
        ([{"id": "a"}, {"id": "a"}], "Line 2: 'a' is the 'id' of an earlier row"),
        ([{"answer": "2"}], "Line 1: it has no 'id' to join it by"),
    ],
)
async def test_what_does_not_join_is_named(
    sets: StoredCaseSets, data: Path, partners: list[dict[str, Any]], trouble: str
) -> None:
    write(data / "right" / "sums.jsonl", partners)
    with pytest.raises(InvalidDataset, match=trouble):
        await cases_of(sets, source(data))


async def test_only_an_allowed_folder_is_joined(sets: StoredCaseSets, data: Path, tmp_path: Path) -> None:
    write(tmp_path / "secret" / "sums.jsonl", [{"id": "a", "answer": "2"}])
    with pytest.raises(InvalidInput, match="not inside a folder"):
        await cases_of(sets, source(data, "../secret"))
    (data / "right" / "sums.jsonl").unlink()
    (data / "right" / "sums.jsonl").symlink_to(tmp_path / "secret" / "sums.jsonl")
    with pytest.raises(InvalidInput, match="not inside a folder"):
        await cases_of(sets, source(data))
