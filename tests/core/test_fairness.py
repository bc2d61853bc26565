"""Weighted max-min shares: nobody gets more than it wants, nothing is left while somebody wants more."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.fairness import Claimant, filled, jain, shared

CLOSE = 1e-6
Amounts = st.floats(0, 1000)
Claimants = st.lists(
    st.builds(
        Claimant,
        project=st.sampled_from("PQ"),
        run=st.sampled_from("abc"),
        owner=st.sampled_from(["p1", "p2"]),
        weight=st.floats(0.1, 10),
        wanted=Amounts,
    ),
    max_size=8,
)


@given(Amounts, st.dictionaries(st.integers(0, 9), st.tuples(st.floats(0.1, 10), Amounts)))
def test_all_is_given_or_all_are_satisfied(capacity: float, wanted: dict[int, tuple[float, float]]) -> None:
    shares = filled(capacity, wanted)
    assert all(-CLOSE <= shares[key] <= want + CLOSE for key, (_, want) in wanted.items())
    total = sum(want for _, want in wanted.values())
    assert sum(shares.values()) == pytest.approx(min(capacity, total), abs=CLOSE)


@given(Amounts, st.dictionaries(st.integers(0, 9), st.tuples(st.floats(0.1, 10), Amounts), min_size=2))
def test_who_lacks_something_got_as_much_for_its_weight_as_anybody(
    capacity: float, wanted: dict[int, tuple[float, float]]
) -> None:
    shares = filled(capacity, wanted)
    for key, (weight, want) in wanted.items():
        if shares[key] < want - CLOSE:
            level = shares[key] / weight
            assert all(shares[other] / other_weight <= level + CLOSE for other, (other_weight, _) in wanted.items())


@given(Amounts, Claimants)
def test_shares_in_two_levels_lose_nothing(capacity: float, claimants: list[Claimant]) -> None:
    shares = shared(capacity, claimants)
    wanted = [claimant.wanted for claimant in claimants]
    assert all(-CLOSE <= share <= want + CLOSE for share, want in zip(shares, wanted, strict=True))
    assert sum(shares) == pytest.approx(min(capacity, sum(wanted)), abs=1e-5)


def test_projects_share_evenly_runs_by_weight_and_processes_evenly() -> None:
    claimants = [
        Claimant("P", "a", "p1", 2, 100),
        Claimant("P", "a", "p2", 2, 100),
        Claimant("P", "b", "p1", 1, 100),
        Claimant("Q", "c", "p1", 1, 100),
    ]
    assert shared(60, claimants) == pytest.approx([10, 10, 10, 30])
    assert shared(60, [*claimants[:3], claimants[3]._replace(wanted=6)]) == pytest.approx([18, 18, 18, 6])


def test_jain_is_one_for_equals_and_a_share_for_a_monopoly() -> None:
    assert jain([5, 5, 5]) == pytest.approx(1)
    assert jain([9, 0, 0]) == pytest.approx(1 / 3)
    assert jain([0, 0]) == 1
