"""Stopping: whether what an agent has shown decides the question its run was asked."""

import numpy as np

from core.benchmarks import FailedCountsAs, Stopping
from core.columns import Columns
from evaluators.statistics.arrays import Floats
from evaluators.statistics.sequential import Settled, settle
from evaluators.summary import counted


def decided(
    stopping: Stopping,
    counting: FailedCountsAs,
    agent: Columns,
    rival: Columns | None,
    *,
    case_count: int,
    decisions: int = 1,
) -> str | None:
    """The decision in a sentence; None while it is open.

    Looked at are the cases in their drawn order up to the first that is not settled yet, for whatever came in later
    came in by its speed. Cases without a score are left out, of those seen and of those to come: the question is about
    the cases that can be scored. `rival` has the other agent's results if there is one. Each of so many `decisions` of
    the run gets an equal part of the error (Bonferroni: Dunn, Journal of the American Statistical Association 56 (1961)
    52-64), so that all of them together are right with the promised chance.
    """
    error = stopping.error / decisions
    scores = _in_order(counted(agent, counting))
    if stopping.threshold is not None:
        values = scores[~np.isnan(scores)]
        scorable = case_count - (len(scores) - len(values))
        found = settle(values, stopping.threshold, population=scorable, error=error)
        what = found and f"the accuracy is {found.side} {stopping.threshold:g}"
        return found and _told(found, agent, case_count, what or "") + _promised(stopping.error, decisions)
    assert rival is not None
    others = _in_order(counted(rival, counting))
    both = min(len(scores), len(others))
    differences = scores[:both] - others[:both]
    values = differences[~np.isnan(differences)]
    found = settle(values, 0.0, population=case_count - (both - len(values)), error=error, lowest=-1.0)
    side = "better" if found and found.side == "above" else "worse"
    told = found and _told(found, agent, case_count, f"{side} than {stopping.rival}")
    return told and told + _promised(stopping.error, decisions)


def _in_order(columns: Columns) -> Floats:
    """The first evaluator's scores, case by case from the first; nan for a case without one."""
    places = columns.case_index[columns.trial == 0]
    order = np.argsort(places)
    settled = int(np.argmin(np.r_[places[order] == np.arange(len(places)), False]))
    values = columns.evaluators[0].values[columns.trial == 0][order][:settled]
    known = columns.evaluators[0].scored[columns.trial == 0][order][:settled]
    return np.where(known, values, np.nan)


def _told(found: Settled, agent: Columns, case_count: int, what: str) -> str:
    settled = len(agent.case_index)
    seen = f", seen when {settled} were settled" if settled > found.after else ""
    return f"Decided after {found.after} of {case_count} cases{seen}: {what}, "


def _promised(error: float, decisions: int) -> str:
    whole = "" if decisions == 1 else f", as any of the {decisions} decisions of the run"
    return f"wrong with a chance of at most {error:g}{whole}."
