"""Answers to one case, held against each other: the ports through which a run's repeated answers are measured."""

from collections.abc import Mapping, Sequence
from typing import Protocol

from core.benchmarks import BenchmarkDefinition
from core.columns import Columns
from core.metrics import AgentMetrics
from core.verdicts import Scored, Unscored

LABEL = "semantic_consistency"
"""What is said of a case's answers is kept beside their scores, under this name, with the last of the answers."""


class RepeatedAnswers(Protocol):
    async def texts(self, run_no: int, agent_no: int, cases: Sequence[int]) -> Mapping[int, Sequence[str]]:
        """The answers to each of these cases, by case and in the order of their trials."""
        ...


class Likeness(Protocol):
    """How alike the answers to one case are."""

    def version(self, config: BenchmarkDefinition) -> str | None:
        """What a measure means, in a word; None where the run asks for none."""
        ...

    async def of(self, config: BenchmarkDefinition, texts: Sequence[str]) -> Scored | Unscored:
        """Of two texts or more. Repeats what fails for a time; who cannot be asked leaves the case unscored."""
        ...

    def told(self, metrics: AgentMetrics, columns: Columns) -> AgentMetrics:
        """The figures with what was measured, which is the last evaluator of `columns`: a row for each case that has
        two answers."""
        ...
