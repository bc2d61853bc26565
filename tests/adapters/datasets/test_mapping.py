"""Columns become the fields of cases, as a field mapping says."""

import json
from pathlib import Path
from typing import Any

import pytest

from adapters.datasets.case_sets import StoredCaseSets
from core.cases import Case, Tool
from core.errors import InvalidDataset, InvalidInput
from tests.adapters.datasets.preparing import case_sets, cases_of, inline


@pytest.fixture
def sets(tmp_path: Path) -> StoredCaseSets:
    return case_sets(tmp_path)


async def one(sets: StoredCaseSets, row: dict[str, Any], **fields: Any) -> Case:
    [case] = await cases_of(sets, inline([row], fields=fields))
    return case


async def test_columns_of_the_usual_names_need_no_mapping(sets: StoredCaseSets) -> None:
    case = await one(sets, {"id": 7, "input": "?", "target": 51.0, "category": "sums"})
    assert case == Case(id="7", input="?", expected="51.0", category="sums")
    assert await one(sets, {"input": "?", "answer": True}) == Case(id="1", input="?", expected="true")


async def test_the_empty_name_means_no_such_field(sets: StoredCaseSets) -> None:
    row = {"id": "a", "input": "?", "answer": "!", "category": "c"}
    assert await one(sets, row, expected="", category="") == Case(id="a", input="?")


async def test_expressions_compute_fields(sets: StoredCaseSets) -> None:
    case = await one(
        sets,
        {"q": "How many?", "full answer": "It is 1,000 #### 1,000", "level": 3, "tags": ["x", "y"]},
        id="{{ file }}/{{ number }}",
        input="{{ q | upper }} ({{ level }})",
        expected="{{ row['full answer'].split('####')[-1].strip().replace(',', '') }}",
        category="{{ tags | join('+') }}",
        metadata=["level", "tags"],
    )
    assert case == Case(
        id="inline/1",
        input="HOW MANY? (3)",
        expected="1000",
        category="x+y",
        metadata={"level": 3, "tags": ["x", "y"]},
    )


@pytest.mark.parametrize(
    ("expected", "row"),
    [
        ("{{ answer | letter }}", {"answer": 1}),
        ("{{ 'ABCD'[answer | int] }}", {"answer": "1"}),
        ("answer", {"answer": "B"}),
        ("{{ options.index(answer) | letter }}", {"answer": "two"}),
    ],
)
async def test_a_choice_is_expected_by_place_letter_or_text(
    sets: StoredCaseSets, expected: str, row: dict[str, Any]
) -> None:
    case = await one(
        sets, {"input": "?", "options": ["one", "two", "three"], **row}, choices="options", expected=expected
    )
    assert (case.choices, case.expected) == (("one", "two", "three"), "B")


async def test_choices_come_from_columns_lists_and_json_text(sets: StoredCaseSets) -> None:
    row = {"input": "?", "A": "one", "B": "two", "C": "three", "D": "", "E": None, "packed": '["one", "two", "three"]'}
    for choices in (["A", "B", "C", "D", "E"], "packed", "{{ [A, B, C] | tojson }}"):
        assert (await one(sets, row, choices=choices)).choices == ("one", "two", "three")


async def test_right_and_wrong_choices_are_shuffled_by_the_id_alone(sets: StoredCaseSets) -> None:
    fields = {"choices": {"correct": "right", "incorrect": ["wrong", "more"]}}
    rows = [
        {"id": f"c{n}", "input": "?", "right": "yes", "wrong": "no", "more": ["maybe", "later"]} for n in range(400)
    ]
    cases = await cases_of(sets, inline(rows, fields=fields))
    assert all(case.choices["ABCD".index(str(case.expected))] == "yes" for case in cases)
    places = [sum(case.expected == letter for case in cases) for letter in "ABCD"]
    assert all(60 < count < 140 for count in places), places
    again = await cases_of(sets, inline(list(reversed(rows)), fields=fields))
    assert {case.id: case for case in again} == {case.id: case for case in cases}


WRONG: list[tuple[dict[str, Any], dict[str, Any], str, str]] = [
    ({"q": "?"}, {}, "Item 1: there is no column 'input' for `input`; the columns are: q.", "/dataset/fields/input"),
    ({"input": "?"}, {"expected": "gold"}, "no column 'gold' for `expected`", "/dataset/fields/expected"),
    ({"input": "?"}, {"id": "{{ nope }}"}, "1: `id`: .*'nope' is undefined.*columns are: input", "/dataset/fields/id"),
    ({"input": "?"}, {"metadata": ["a"]}, "no column 'a'", "/dataset/fields/metadata/0"),
    ({"input": None}, {}, "its `input` is null", "/dataset/fields/input"),
    ({"input": "?", "id": ""}, {}, "its id must have 1 to 256 characters", "/dataset/fields/id"),
    ({"input": "?", "id": "x" * 300}, {}, "its id must have", "/dataset/fields/id"),
    ({"input": "?", "c": "y" * 300}, {"category": "c"}, "category has more than", "/dataset/fields/category"),
    ({"input": "?", "o": "text"}, {"choices": "o"}, "`choices` are no list", "/dataset/fields/choices"),
    ({"input": "?", "o": []}, {"choices": "o"}, "has 1 to 26 choices, .*it has 0", "/dataset/fields/choices"),
    ({"input": "?", "o": ["a", None, "c"]}, {"choices": "o"}, "has 1 to 26 choices", "/dataset/fields/choices"),
    ({"input": "?", "o": list(range(30))}, {"choices": "o"}, "has 1 to 26 choices", "/dataset/fields/choices"),
    (
        {"input": "?", "r": "same", "w": "same"},
        {"choices": {"correct": "r", "incorrect": ["w"]}},
        "different texts",
        "/dataset/fields/choices",
    ),
    (
        {"input": "?", "r": "a", "w": "b"},
        {"choices": {"correct": "r", "incorrect": ["w"]}, "expected": "r"},
        "leave `expected` out",
        "/dataset/fields/expected",
    ),
    ({"input": "?"}, {"expected": "{{ 1 +"}, "does not parse", "/dataset/fields/expected"),
    ({"input": "nul \0 inside"}, {}, "Item 1: it holds the character NUL", ""),
    ({"input": "?", "k": {"a\0": 1}}, {"metadata": ["k"]}, "holds the character NUL", ""),
    ({"input": "half \ud83d"}, {}, "Item 1: it holds half of a surrogate pair", ""),
    ({"input": "x" * 5_000_000}, {}, "its case has more than 4 MiB", ""),
]  # fmt: skip


@pytest.mark.parametrize(("row", "fields", "message", "pointer"), WRONG, ids=lambda part: str(part)[:30])
async def test_what_cannot_become_a_case_says_where_and_why(
    sets: StoredCaseSets, row: dict[str, Any], fields: dict[str, Any], message: str, pointer: str
) -> None:
    with pytest.raises(InvalidInput, match=message) as caught:
        await one(sets, row, **fields)
    assert caught.value.pointer == pointer


async def test_a_backslash_before_u0000_is_only_text(sets: StoredCaseSets) -> None:
    assert (await one(sets, {"input": r"write \u0000 in JSON"})).input == r"write \u0000 in JSON"


async def test_ids_must_differ(sets: StoredCaseSets) -> None:
    rows = [{"id": n % 70, "input": str(n)} for n in range(100)]
    with pytest.raises(InvalidDataset, match="Item 71: its id '0' is the id of item 1 already; ids must differ"):
        await cases_of(sets, inline(rows))


async def test_metadata_keeps_numbers_of_any_length(sets: StoredCaseSets) -> None:
    case = await one(sets, {"input": "?", "n": 2**200, "f": 0.1}, metadata=["n", "f"])
    assert case.metadata == {"n": 2**200, "f": 0.1}


async def test_tools_are_read_in_the_forms_datasets_have_them(sets: StoredCaseSets) -> None:
    area: dict[str, Any] = {
        "name": "area",
        "description": "Of a square.",
        "parameters": {"type": "dict", "properties": {}},
    }
    wanted = (Tool.model_validate(area),)
    assert (await one(sets, {"input": "?", "f": [area | {"returns": "m2"}]}, tools="f")).tools == wanted
    assert (await one(sets, {"input": "?", "f": [{"type": "function", "function": area}]}, tools="f")).tools == wanted
    assert (await one(sets, {"input": "?", "f": json.dumps([area])}, tools="f")).tools == wanted
    assert (await one(sets, {"input": "?", "f": None}, tools="f")).tools == ()
    assert (await one(sets, {"input": "?", "f": [area]})).tools == ()


NO_TOOLS: tuple[tuple[Any, str], ...] = (
    ("[", "its `tools` are no JSON"),
    ({"name": "f"}, "its `tools` are no list"),
    (["f"], "wrong at 'name'"),
    ([{"name": "f", "parameters": []}], "wrong at 'parameters'"),
    ([{"name": "f"}] * 257, "it has 257 tools; at most 256"),
)


@pytest.mark.parametrize(("tools", "trouble"), NO_TOOLS)
async def test_tools_that_are_none_are_named(sets: StoredCaseSets, tools: Any, trouble: str) -> None:
    with pytest.raises(InvalidDataset, match=trouble) as caught:
        await one(sets, {"input": "?", "f": tools}, tools="f")
    assert caught.value.pointer == "/dataset/fields/tools"
