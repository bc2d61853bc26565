"""Compares two agents case by case. The evaluator that decides is the baseline's first."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from core.columns import CaseColumns, CaseScores
from core.comparisons import Correction, Coverage, Differences, Finding, Flip, ScoreDifference, Terms
from core.errors import InvalidInput, listed
from evaluators.comparison_text import sentence
from evaluators.statistics.arrays import Floats, Integers
from evaluators.statistics.bootstrap import bootstrap_mean
from evaluators.statistics.multiplicity import benjamini_hochberg, holm
from evaluators.statistics.pairs import (
    mcnemar_exact,
    minimal_detectable_effect,
    paired_difference,
    permutation_p,
)

ROUNDING = 12
"""Decimals to which a change counts: sums of scores in another order differ beyond them."""


class Pairs(NamedTuple):
    """Cases that both sides know, by id: their rows on either side."""

    baseline: Integers
    candidate: Integers


def compare(baseline: CaseColumns, candidate: CaseColumns, terms: Terms) -> tuple[Differences, tuple[Flip, ...]]:
    """What changed, and which cases, the greatest changes first. Raises InvalidInput when they share no evaluator."""
    pairs = pairs_of(baseline, candidate)
    shared = _shared(baseline, candidate)
    scores = _corrected([_difference(pairs, *both, terms) for both in shared], terms, decider=True)
    deciding = shared[0]
    categories = [
        _difference(chosen, *deciding, terms, category=name) for name, chosen in _by_category(baseline, pairs)
    ]
    found = Differences(
        finding=scores[0].finding,
        sentence=sentence(scores[0], terms.confidence),
        scores=tuple(scores),
        categories=tuple(_corrected(categories, terms, decider=False)),
        coverage=_coverage(pairs, *deciding),
    )
    return found, tuple(_flips(baseline, candidate, pairs, *deciding))


def pairs_of(baseline: CaseColumns, candidate: CaseColumns) -> Pairs:
    """In the order of the baseline's cases."""
    rows = {case_id: row for row, case_id in enumerate(candidate.case_id)}
    found = [(row, rows[case_id]) for row, case_id in enumerate(baseline.case_id) if case_id in rows]
    both = np.array(found, dtype=np.int64).reshape(-1, 2)
    return Pairs(both[:, 0], both[:, 1])


def changes_of(pairs: Pairs, baseline: CaseScores, candidate: CaseScores) -> Floats:
    """Candidate minus baseline for each pair with a score on both sides."""
    scored = _scored(pairs, baseline, candidate)
    change = candidate.means[pairs.candidate[scored]] - baseline.means[pairs.baseline[scored]]
    return np.round(change, ROUNDING)


def _scored(pairs: Pairs, baseline: CaseScores, candidate: CaseScores) -> NDArray[np.bool_]:
    return (baseline.trials[pairs.baseline] > 0) & (candidate.trials[pairs.candidate] > 0)


def _shared(baseline: CaseColumns, candidate: CaseColumns) -> list[tuple[CaseScores, CaseScores]]:
    theirs = {each.label: each for each in candidate.evaluators}
    shared = [(each, theirs[each.label]) for each in baseline.evaluators if each.label in theirs]
    first = baseline.evaluators[0].label if baseline.evaluators else ""
    if not shared or shared[0][0].label != first:
        raise InvalidInput(
            f"The candidate was not judged by {first!r}, which decides in the baseline; its evaluators are "
            f"{listed(list(theirs))}. Rescore one of the runs, or compare runs of one benchmark."
        )
    return shared


def _by_category(baseline: CaseColumns, pairs: Pairs) -> list[tuple[str, Pairs]]:
    categories = baseline.category[pairs.baseline]
    found: list[tuple[str, Pairs]] = []
    for name in sorted(baseline.categories):
        chosen = categories == baseline.categories.index(name)
        found.append((name, Pairs(pairs.baseline[chosen], pairs.candidate[chosen])))
    return found


def _difference(
    pairs: Pairs, baseline: CaseScores, candidate: CaseScores, terms: Terms, *, category: str | None = None
) -> ScoreDifference:
    changes = changes_of(pairs, baseline, candidate)
    scored = _scored(pairs, baseline, candidate)
    n = len(changes)
    found = paired_difference(changes, confidence=terms.confidence) if n else None
    error = None if found is None else found.standard_error
    better, worse = int((changes > 0).sum()), int((changes < 0).sum())
    p = permutation_p(changes, seed=terms.seed)
    return ScoreDifference(
        evaluator=baseline.label,
        category=category,
        cases=n,
        baseline=float(baseline.means[pairs.baseline[scored]].mean()) if n else None,
        candidate=float(candidate.means[pairs.candidate[scored]].mean()) if n else None,
        difference=None if found is None else found.mean,
        low=None if found is None else found.low,
        high=None if found is None else found.high,
        bootstrap=None if category else _bootstrapped(changes, terms),
        better=better,
        worse=worse,
        mcnemar_p=mcnemar_exact(better, worse),
        permutation_p=p,
        adjusted_p=p,
        detectable=None if error is None else minimal_detectable_effect(error, confidence=terms.confidence),
        finding="cannot_tell",
    )


def _bootstrapped(changes: Floats, terms: Terms) -> tuple[float, float] | None:
    return bootstrap_mean(changes, np.arange(len(changes)), seed=terms.seed, confidence=terms.confidence)


def _corrected(found: Sequence[ScoreDifference], terms: Terms, *, decider: bool) -> list[ScoreDifference]:
    """With adjusted p-values and findings. The evaluator that decides was named beforehand: it is not one of many."""
    if not found:
        return []
    adjusted = _adjusted(np.array([each.permutation_p for each in found]), terms.correction)
    if decider:
        adjusted[0] = found[0].permutation_p
    level = 1 - terms.confidence
    return [
        each.model_copy(update={"adjusted_p": float(p), "finding": _finding(each, float(p), level)})
        for each, p in zip(found, adjusted, strict=True)
    ]


def _adjusted(p: Floats, correction: Correction) -> Floats:
    match correction:
        case "holm":
            return holm(p)
        case "benjamini_hochberg":
            return benjamini_hochberg(p)
        case "none":
            return p.copy()


def _finding(found: ScoreDifference, p: float, level: float) -> Finding:
    """Both must say so, the test and the interval: then neither contradicts the finding."""
    if p > level or found.low is None or found.high is None:
        return "cannot_tell"
    if found.low > 0:
        return "improved"
    return "worse" if found.high < 0 else "cannot_tell"


def _coverage(pairs: Pairs, baseline: CaseScores, candidate: CaseScores) -> Coverage:
    both = int(_scored(pairs, baseline, candidate).sum())
    return Coverage(
        both=both,
        baseline_only=int((baseline.trials > 0).sum()) - both,
        candidate_only=int((candidate.trials > 0).sum()) - both,
    )


def _flips(
    baseline: CaseColumns, candidate: CaseColumns, pairs: Pairs, before: CaseScores, after: CaseScores
) -> list[Flip]:
    scored = _scored(pairs, before, after)
    ours, theirs = pairs.baseline[scored], pairs.candidate[scored]
    changes = changes_of(pairs, before, after)
    changed = np.flatnonzero(changes)
    order = changed[np.argsort(-np.abs(changes[changed]), kind="stable")]
    return [
        Flip(
            direction="better" if changes[at] > 0 else "worse",
            case_id=baseline.case_id[ours[at]],
            category=None if (place := int(baseline.category[ours[at]])) < 0 else baseline.categories[place],
            baseline=float(before.means[ours[at]]),
            candidate=float(after.means[theirs[at]]),
            baseline_index=int(baseline.case_index[ours[at]]),
            candidate_index=int(candidate.case_index[theirs[at]]),
        )
        for at in order
    ]
