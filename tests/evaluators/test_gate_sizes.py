"""A rule in doubt says how many cases would decide it, and with so many it is decided."""

import re
from collections.abc import Sequence

import numpy as np
import pytest

from core.gates import GateVerdict, Judgement
from tests.evaluators.test_gate import judged, metrics, opponent, policy, ran


@pytest.mark.parametrize(("right", "n", "verdict"), [(36, 40, "passed"), (28, 40, "failed"), (33, 40, "passed")])
def test_a_rule_in_doubt_says_how_many_cases_would_tell(right: int, n: int, verdict: GateVerdict) -> None:
    rule = policy(thresholds=[{"at_least": 0.8}])
    doubt = judged(rule, ran(metrics(right, n)))
    assert doubt.verdict == "inconclusive"
    told = number_told(doubt)
    fewer, enough = (judged(rule, ran(metrics(round(size * right / n), size))) for size in (told * 4 // 5, told))
    assert (fewer.verdict, enough.verdict) == ("inconclusive", verdict)


@pytest.mark.parametrize(
    ("before", "after", "margin"),
    [
        ([1.0] * 40, [1.0] * 40, 0.02),
        ([0.0, *[1.0] * 39], [1.0, 0.0, *[1.0] * 38], 0.05),
        ([0.5] * 40, [0.0, 1.0] * 20, 0.05),
    ],
)
def test_a_difference_in_doubt_says_how_many_cases_would_tell(
    before: Sequence[float], after: Sequence[float], margin: float
) -> None:
    def judged_of(cases: float) -> Judgement:
        sides = [list(np.resize(np.array(side), round(cases / 40) * 40)) for side in (before, after)]
        return judged(policy(relative=[{"margin": margin}]), ran(metrics(1, 2)), opponent(*sides))

    doubt = judged_of(40)
    assert doubt.verdict == "inconclusive"
    told = number_told(doubt)
    assert (judged_of(told * 0.7).verdict, judged_of(told + 40).verdict) == ("inconclusive", "passed")


def number_told(found: Judgement) -> int:
    [reason] = found.reasons
    match = re.search(r"if that stays, about ([\d,]+) cases would tell", reason)
    assert match, reason
    return int(match[1].replace(",", ""))


def test_a_figure_on_its_bound_is_decided_by_no_number_of_cases() -> None:
    doubt = judged(policy(thresholds=[{"at_least": 0.8}]), ran(metrics(32, 40)))
    assert doubt.reasons[0].endswith("more cases would tell.")
    same = judged(policy(relative=[{}]), ran(metrics(1, 2)), opponent([1.0] * 40, [1.0] * 40))
    assert (same.verdict, same.reasons[0].endswith("may or may not be worse.")) == ("inconclusive", True)
