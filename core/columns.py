"""One agent's results as columns: what the summary is computed from, a million rows at a time."""

from dataclasses import dataclass, field, fields, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.outcomes import Cause
from core.verdicts import Spent, UnscoredCause


@dataclass(frozen=True)
class EvaluatorColumn:
    """One evaluator's verdicts, in the order of the rows."""

    label: str
    version: str
    values: NDArray[np.float64]
    """(n,) the score 0..1; nan where there is no score: `scored` tells, never the nan."""
    scored: NDArray[np.bool_]
    """(n,) whether the evaluator gave a score; False for unscored and for failed questions."""
    unscored_causes: dict[UnscoredCause, int] = field(default_factory=dict[UnscoredCause, int])
    """How many answers it left unscored, by cause."""
    spent: Spent | None = None
    """What judging cost; None for an evaluator that asks nobody."""

    @property
    def judged(self) -> int:
        """How many answers have its verdict, a score or none."""
        return int(self.scored.sum()) + sum(self.unscored_causes.values())


@dataclass(frozen=True)
class Columns:
    """n rows, one for each settled question, in no particular order. nan means "not known"."""

    case_index: NDArray[np.int32]
    """(n,) the case's place in the case set, from 0."""
    trial: NDArray[np.int32]
    """(n,) from 0."""
    category: NDArray[np.int32]
    """(n,) an index into `categories`; -1 for a case without one."""
    categories: tuple[str, ...]
    cause: NDArray[np.int8]
    """(n,) an index into `causes` for a failed question; -1 for an answered one."""
    causes: tuple[Cause, ...]
    latency_s: NDArray[np.float64]
    """(n,) seconds of the call; nan for failed questions."""
    queue_s: NDArray[np.float64]
    """(n,) seconds waited for a free place."""
    input_tokens: NDArray[np.float64]
    """(n,) nan where the provider did not say."""
    output_tokens: NDArray[np.float64]
    cost_usd: NDArray[np.float64]
    """(n,) nan where the price is not known."""
    calls: NDArray[np.int32]
    """(n,) requests sent for the question."""
    evaluators: tuple[EvaluatorColumn, ...]
    """In the order of the run's configuration: the first decides what counts as correct."""
    cluster: NDArray[np.int64] | None = None
    """(n,) a number for what the case shares with others, from 0; -1 for a case that stands alone. None: all do."""

    def only(self, rows: NDArray[np.bool_]) -> "Columns":
        """Some of the rows; what was unscored and spent is still told of all."""
        own: dict[str, Any] = {each.name: getattr(self, each.name) for each in fields(self)}
        chosen: dict[str, Any] = {name: value[rows] for name, value in own.items() if isinstance(value, np.ndarray)}
        kept = (replace(each, values=each.values[rows], scored=each.scored[rows]) for each in self.evaluators)
        return replace(self, **chosen, evaluators=tuple(kept))


@dataclass(frozen=True)
class CaseScores:
    """One evaluator's verdicts on n cases, over the trials of each."""

    label: str
    version: str
    means: NDArray[np.float64]
    """(n,) the mean score of the case's scored trials, 0..1; nan where there is none: `trials` tells, never the nan."""
    trials: NDArray[np.int64]
    """(n,) how many of the case's trials were scored."""


@dataclass(frozen=True)
class CaseColumns:
    """One agent's cases: what agents are compared by. n rows, one for each case with a settled question, in order."""

    case_index: NDArray[np.int64]
    """(n,) the case's place in the case set, from 0."""
    case_id: tuple[str, ...]
    category: NDArray[np.int64]
    """(n,) an index into `categories`; -1 for a case without one."""
    categories: tuple[str, ...]
    evaluators: tuple[CaseScores, ...]
    """In the order of the run's configuration."""
    cluster: NDArray[np.int64] | None = None
    """(n,) as in `Columns`."""
