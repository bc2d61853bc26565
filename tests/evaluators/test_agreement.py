"""Kappa with its interval, against statsmodels and against what the definitions say by hand."""

import json
import warnings
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from evaluators.agreement import cohen_kappa, confusion, fleiss_kappa, quadratic_weights

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from statsmodels.stats import inter_rater  # pyright: ignore[reportMissingTypeStubs]

reference: Any = inter_rater
Z95 = 1.959963984540054
TABLES = st.integers(2, 5).flatmap(
    lambda k: st.lists(st.lists(st.integers(0, 40), min_size=k, max_size=k), min_size=k, max_size=k)
)
RATINGS = st.integers(2, 5).flatmap(
    lambda k: st.lists(st.lists(st.integers(0, k - 1), min_size=4, max_size=4), min_size=2, max_size=60).map(
        lambda rows: np.array([np.bincount(row, minlength=k) for row in rows])
    )
)


def test_kappa_by_hand() -> None:
    """Fleiss, Cohen and Everitt (1969), the example of their table 1, as shares of 200."""
    table = np.array([[106, 10, 4], [22, 28, 10], [2, 12, 6]])
    found = cohen_kappa(table)
    assert found is not None
    assert (round(found.value, 3), found.n) == (0.429, 200)


@given(TABLES)
def test_cohens_kappa_and_its_interval_are_those_of_statsmodels(rows: list[list[int]]) -> None:
    table = np.array(rows)
    for weights, name in ((None, None), (quadratic_weights(range(len(table))), "fc")):
        found = cohen_kappa(table, weights=weights)
        if found is None:
            continue
        with warnings.catch_warnings():
            # Their test against kappa = 0, which we do not look at, may divide by a standard error of 0.
            warnings.simplefilter("ignore")
            theirs = reference.cohens_kappa(table, wt=name)
        assert found.value == pytest.approx(theirs.kappa, abs=1e-9)
        assert (found.low, found.high) == (max(-1.0, found.low), min(1.0, found.high))
        if found.low > -1:
            assert ((found.value - found.low) / Z95) ** 2 == pytest.approx(theirs.var_kappa, abs=1e-9)
        if found.high < 1:
            assert ((found.high - found.value) / Z95) ** 2 == pytest.approx(theirs.var_kappa, abs=1e-9)


@given(RATINGS)
def test_fleiss_kappa_is_that_of_statsmodels(ratings: Any) -> None:
    found = fleiss_kappa(ratings)
    if found is not None:
        assert found.value == pytest.approx(reference.fleiss_kappa(ratings, method="fleiss"), abs=1e-9)


def test_the_interval_of_fleiss_kappa_covers_what_leaving_one_out_shows() -> None:
    generator = np.random.default_rng(5)
    truth = generator.integers(0, 3, 300)
    ratings = np.array(
        [np.bincount(np.where(generator.random(3) < 0.7, t, generator.integers(0, 3, 3)), minlength=3) for t in truth]
    )
    found = fleiss_kappa(ratings)
    assert found is not None
    without = [fleiss_kappa(np.delete(ratings, at, axis=0)) for at in range(len(ratings))]
    left_out = np.array([each.value for each in without if each is not None])
    jackknife = np.sqrt((len(left_out) - 1) * left_out.var())
    assert (found.high - found.low) / 2 / Z95 == pytest.approx(jackknife, rel=0.01)


def test_kappa_is_not_defined_where_all_say_the_same() -> None:
    assert cohen_kappa(np.array([[9, 0], [0, 0]])) is None
    assert fleiss_kappa(np.array([[3, 0], [3, 0]])) is None
    assert fleiss_kappa(np.array([[1, 0], [0, 1]])) is None, "one rater agrees with nobody"
    assert cohen_kappa(np.zeros((2, 2), dtype=np.int64)) is None


def test_a_confusion_table_counts_pairs() -> None:
    table = confusion(["a", "b", "b"], ["a", "a", "b"], ["a", "b"])
    assert table.tolist() == [[1, 0], [1, 1]]


def test_three_people_agree_on_a_thousand_pairs_as_statsmodels_says(shared_folder: Path) -> None:
    rows = json.loads((shared_folder / "datasets/pandalm/testset-v1.json").read_text())
    people = [[str(row[f"annotator{number}"]) for row in rows] for number in (1, 2, 3)]
    kappas: list[float] = []
    for one, other in combinations(people, 2):
        table = confusion(one, other, ("0", "1", "2"))
        found = cohen_kappa(table)
        assert found is not None
        assert found.value == pytest.approx(reference.cohens_kappa(table).kappa, abs=1e-9)
        kappas.append(round(found.value, 2))
    assert kappas == [0.85, 0.88, 0.86]
    ratings = np.array([[row.count(label) for label in ("0", "1", "2")] for row in zip(*people, strict=True)])
    joint = fleiss_kappa(ratings)
    assert joint is not None
    assert joint.value == pytest.approx(reference.fleiss_kappa(ratings, method="fleiss"), abs=1e-9)
