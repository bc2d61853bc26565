"""Compares two agents case by case. The evaluator that decides is the baseline's first."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from core.columns import CaseColumns, CaseScores
from core.comparisons import (
    Correction,
    Coverage,
    Differences,
    Finding,
    Flip,
    ResourceDifference,
    ScoreDifference,
    Terms,
)
from core.errors import InvalidInput, listed
from evaluators.comparison_text import sentence
from evaluators.pairing import Pairs, changes_of, clusters_of_pairs, pairs_of, scored_pairs
from evaluators.resources import with_findings
from evaluators.statistics.arrays import Floats, Integers
from evaluators.statistics.bootstrap import bootstrap_mean
from evaluators.statistics.clusters import cluster_sizes, cluster_sums
from evaluators.statistics.multiplicity import benjamini_hochberg, holm
from evaluators.statistics.pairs import (
    DECIMALS,
    mcnemar_exact,
    minimal_detectable_effect,
    paired_difference,
    permutation_p,
)


def compare(
    baseline: CaseColumns, candidate: CaseColumns, terms: Terms, resources: Sequence[ResourceDifference] = ()
) -> tuple[Differences, tuple[Flip, ...]]:
    """What changed, and which cases, the greatest changes first. Raises InvalidInput when they share no evaluator.

    `resources` are what `evaluators.resources` found of the same agents.
    """
    pairs = pairs_of(baseline, candidate)
    shared = _shared(baseline, candidate)
    deciding = shared[0]
    scores = corrected([_difference(_Sides(baseline, *both), pairs, terms) for both in shared], terms, decider=True)
    categories = [
        _difference(_Sides(baseline, *deciding), chosen, terms, category=name)
        for name, chosen in _by_category(baseline, pairs)
    ]
    adjusted = _adjusted(np.array([each.p for each in resources]), terms.correction)
    found = Differences(
        finding=scores[0].finding,
        sentence=sentence(scores[0], terms.confidence),
        scores=tuple(scores),
        categories=tuple(corrected(categories, terms, decider=False)),
        coverage=_coverage(pairs, *deciding),
        resources=with_findings(resources, adjusted.tolist(), terms),
    )
    return found, tuple(_flips(baseline, candidate, pairs, *deciding))


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
        found.append((name, pairs.only(chosen)))
    return found


class _Sides(NamedTuple):
    """One evaluator's scores on either side, and the baseline's cases."""

    cases: CaseColumns
    baseline: CaseScores
    candidate: CaseScores


def _difference(sides: _Sides, pairs: Pairs, terms: Terms, *, category: str | None = None) -> ScoreDifference:
    pairs = scored_pairs(pairs, sides.baseline, sides.candidate)
    changes, clusters = changes_of(pairs, sides.baseline, sides.candidate), clusters_of_pairs(pairs, sides.cases)
    n = len(changes)
    found = paired_difference(changes, clusters, confidence=terms.confidence) if n else None
    error = None if found is None else found.standard_error
    p = permutation_p(changes, clusters, seed=terms.seed)
    return ScoreDifference(
        evaluator=sides.baseline.label,
        category=category,
        cases=n,
        clusters=None if clusters is None else len(cluster_sizes(clusters)),
        baseline=float(sides.baseline.means[pairs.baseline].mean()) if n else None,
        candidate=float(sides.candidate.means[pairs.candidate].mean()) if n else None,
        difference=None if found is None else found.mean,
        low=None if found is None else found.low,
        high=None if found is None else found.high,
        bootstrap=None if category else _bootstrapped(changes, clusters, terms),
        better=int((changes > 0).sum()),
        worse=int((changes < 0).sum()),
        mcnemar_p=_sign_test(changes if clusters is None else cluster_sums(changes, clusters)),
        permutation_p=p,
        adjusted_p=p,
        detectable=None if error is None else minimal_detectable_effect(error, confidence=terms.confidence),
        finding="cannot_tell",
    )


def _bootstrapped(changes: Floats, clusters: Integers | None, terms: Terms) -> tuple[float, float] | None:
    if not len(changes):
        return None
    independent = np.arange(len(changes)) if clusters is None else clusters
    return bootstrap_mean(changes, independent, seed=terms.seed, confidence=terms.confidence)


def _sign_test(changes: Floats) -> float:
    changes = np.round(changes, DECIMALS)
    return mcnemar_exact(int((changes > 0).sum()), int((changes < 0).sum()))


def corrected(found: Sequence[ScoreDifference], terms: Terms, *, decider: bool) -> list[ScoreDifference]:
    """With adjusted p-values and findings. A `decider`, the first, was named beforehand: it is not one of many."""
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
    both = len(scored_pairs(pairs, baseline, candidate).baseline)
    return Coverage(
        both=both,
        baseline_only=int((baseline.trials > 0).sum()) - both,
        candidate_only=int((candidate.trials > 0).sum()) - both,
    )


def _flips(
    baseline: CaseColumns, candidate: CaseColumns, pairs: Pairs, before: CaseScores, after: CaseScores
) -> list[Flip]:
    pairs = scored_pairs(pairs, before, after)
    ours, theirs = pairs
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
