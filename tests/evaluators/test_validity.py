"""Validity follows the table at the head of its module."""

import pytest

from core.runs import Validity
from evaluators.validity import judge_validity


@pytest.mark.parametrize(
    ("coverages", "validity"),
    [
        ([1.0], "valid"),
        ([0.99], "valid"),
        ([0.9899], "partial"),
        ([0.5], "partial"),
        ([0.4999], "invalid"),
        ([0.0], "invalid"),
        ([], "invalid"),
        ([1.0, 0.995], "valid"),
        ([1.0, 0.7], "partial"),
        ([1.0, 0.0], "partial"),
        ([0.7, 0.6], "partial"),
        ([0.1, 0.0], "invalid"),
    ],
)
def test_coverage_decides_validity(coverages: list[float], validity: Validity) -> None:
    assert judge_validity(coverages) == validity
