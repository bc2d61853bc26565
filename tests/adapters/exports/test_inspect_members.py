"""Names of samples in an Inspect log: where its reader looks for them, and never outside of the log."""

import pytest

from adapters.exports.inspect import member_name


@pytest.mark.parametrize("case_id", ["17", "HumanEval/0", "què? 東京", "a.b-c_d"])
def test_a_sample_is_where_inspect_looks_for_it(case_id: str) -> None:
    assert member_name(case_id, 2) == f"samples/{case_id}_epoch_2.json"


@pytest.mark.parametrize(
    "case_id", ["../../etc/passwd", "/etc/passwd", "a//b", "a\\b", "C:x", "a\0b", "a\nb", "x" * 5000]
)
def test_an_id_that_leads_elsewhere_is_no_name(case_id: str) -> None:
    name = member_name(case_id, 1)
    assert name.startswith("samples/sample-")
    assert len(name) < 80
    assert name != member_name(case_id + "'", 1)
