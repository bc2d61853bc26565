"""Which cases are asked and which are held out as examples."""

from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from adapters.datasets.case_sets import StoredCaseSets
from core.errors import InvalidDataset
from tests.adapters.datasets.preparing import case_sets, cases_of, inline, prepared

SIZES = {"small": 3, "middle": 30, "large": 200}
ROWS = [
    {"id": f"{category}-{n}", "input": f"{category} {n}?", "category": category, "answer": str(n)}
    for category, size in SIZES.items()
    for n in range(size)
]


@pytest.fixture
def sets(tmp_path: Path) -> StoredCaseSets:
    return case_sets(tmp_path)


async def ids(sets: StoredCaseSets, *, examples: int = 0, rows: list[dict[str, Any]] = ROWS, **spec: Any) -> list[str]:
    return [case.id for case in await cases_of(sets, inline(rows, **spec), examples=examples)]


async def test_all_are_asked_in_their_order(sets: StoredCaseSets) -> None:
    assert await ids(sets) == [row["id"] for row in ROWS]
    assert await ids(sets, limit=1000) == [row["id"] for row in ROWS]


async def test_without_a_seed_the_first_of_every_category_are_asked(sets: StoredCaseSets) -> None:
    asked = await ids(sets, limit=30)
    assert Counter(name.split("-")[0] for name in asked) == {"small": 3, "middle": 14, "large": 13}
    assert asked == [row["id"] for row in ROWS if row["id"] in set(asked)]
    assert "middle-13" in asked
    assert "middle-14" not in asked
    assert await ids(sets, limit=2) == ["small-0", "middle-0"]


async def test_without_categories_the_first_are_asked(sets: StoredCaseSets) -> None:
    rows = [{"id": n, "input": "?"} for n in range(50)]
    assert await ids(sets, rows=rows, limit=5) == ["0", "1", "2", "3", "4"]


async def test_a_seed_draws_at_random_and_always_the_same(sets: StoredCaseSets) -> None:
    drawn = await ids(sets, limit=60, seed=1)
    assert drawn == await ids(sets, limit=60, seed=1)
    assert drawn != await ids(sets, limit=60, seed=2)
    assert len(drawn) == 60
    assert drawn == [row["id"] for row in ROWS if row["id"] in set(drawn)]
    assert Counter(name.split("-")[0] for name in drawn)["large"] > 40


async def test_a_larger_limit_draws_the_same_ones_and_more(sets: StoredCaseSets) -> None:
    assert set(await ids(sets, limit=40, seed=5)) < set(await ids(sets, limit=80, seed=5))


async def test_the_draw_survives_another_order_of_the_rows(sets: StoredCaseSets) -> None:
    assert set(await ids(sets, limit=40, seed=5)) == set(await ids(sets, rows=ROWS[::-1], limit=40, seed=5))


async def test_every_case_is_drawn_about_as_often(sets: StoredCaseSets) -> None:
    rows = [{"id": n, "input": "?"} for n in range(40)]
    counts = Counter[str]()
    for seed in range(100):
        counts.update(await ids(sets, rows=rows, limit=10, seed=seed))
    assert sum(counts.values()) == 1000
    assert all(8 <= counts[str(n)] <= 45 for n in range(40)), counts


async def test_only_the_named_categories_are_asked(sets: StoredCaseSets) -> None:
    assert await ids(sets, categories=["small"]) == ["small-0", "small-1", "small-2"]
    with pytest.raises(InvalidDataset, match="the category 'smal'; the categories are: large, middle, small"):
        await ids(sets, categories=["small", "smal"])


@pytest.mark.parametrize("seed", [None, 9])
async def test_examples_are_held_out_of_every_category_and_never_asked(sets: StoredCaseSets, seed: int | None) -> None:
    case_set = await prepared(sets, inline(ROWS, seed=seed), examples=2)
    shown = {case.id for cases in case_set.examples.values() for case in cases}
    assert {name: len(cases) for name, cases in case_set.examples.items()} == dict.fromkeys(sorted(SIZES), 2)
    assert all(case.category == name for name, cases in case_set.examples.items() for case in cases)
    asked = {case.id for case in await sets.read(case_set, 0, case_set.case_count)}
    assert asked.isdisjoint(shown)
    assert asked | shown == {row["id"] for row in ROWS}
    assert case_set.case_count == len(ROWS) - 6


@pytest.mark.parametrize("seed", [None, 9])
async def test_showing_examples_does_not_change_what_is_asked(sets: StoredCaseSets, seed: int | None) -> None:
    rows = [row for row in ROWS if row["category"] != "small"]
    without = await ids(sets, rows=rows, limit=40, seed=seed)
    assert without == await ids(sets, rows=rows, limit=40, seed=seed, examples=3)


async def test_a_category_too_small_for_its_examples_is_named(sets: StoredCaseSets) -> None:
    with pytest.raises(InvalidDataset, match="The category 'small' has 3 cases: too few to show 3 as examples"):
        await ids(sets, examples=3)
    with pytest.raises(InvalidDataset, match="The dataset has 1 cases"):
        await ids(sets, rows=[{"input": "?"}], examples=1)
