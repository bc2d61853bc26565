"""Every agent of a run held against one of them, with findings that hold for all of them together."""

from collections.abc import Sequence

from core.comparisons import Differences, Terms
from core.reports import Contest, Crossing
from evaluators.comparison import compare, corrected
from evaluators.comparison_text import sentence
from evaluators.pairing import pairs_of, scored_pairs
from evaluators.reporting.distributions import all_right, is_graded
from evaluators.resources import Taken, resource_differences

TERMS = Terms()


def contests(names: Sequence[str], sides: Sequence[Taken], *, baseline: int) -> tuple[Contest, ...]:
    """In the order of the agents. What is said of each holds for all of them together with 95 % confidence (Holm)."""
    before = sides[baseline]
    others = [number for number in range(len(sides)) if number != baseline]
    found = [
        compare(before.cases, sides[each].cases, TERMS, resource_differences(before, sides[each], TERMS))[0]
        for each in others
    ]
    graded = any(is_graded(side.questions) for side in sides)
    return tuple(
        Contest(
            baseline=names[baseline],
            candidate=names[each],
            differences=differences,
            crossing=None if graded else _crossing(before, sides[each]),
        )
        for each, differences in zip(others, _together(found), strict=True)
    )


def _together(found: Sequence[Differences]) -> list[Differences]:
    """With the first score's finding corrected for how many contests there are."""
    firsts = corrected([each.scores[0] for each in found], TERMS, decider=False)
    return [
        each.model_copy(
            update={
                "finding": first.finding,
                "sentence": sentence(first, TERMS.confidence),
                "scores": (first, *each.scores[1:]),
            }
        )
        for each, first in zip(found, firsts, strict=True)
    ]


def _crossing(before: Taken, after: Taken) -> Crossing:
    ours, theirs = before.cases.evaluators[0], after.cases.evaluators[0]
    pairs = scored_pairs(pairs_of(before.cases, after.cases), ours, theirs)
    one, other = all_right(ours)[pairs.baseline], all_right(theirs)[pairs.candidate]
    return Crossing(
        both=int((one & other).sum()),
        baseline_only=int((one & ~other).sum()),
        candidate_only=int((~one & other).sum()),
        neither=int((~one & ~other).sum()),
    )
