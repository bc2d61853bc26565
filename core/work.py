"""The work of a run in numbers: which questions a batch holds, and what became of them.

Questions of one agent are numbered from 0: `number = trial * case_count + case_index`.
"""

from collections.abc import Iterator
from typing import Literal, NamedTuple

from pydantic import Field

from core.cases import Reply
from core.ids import RunId
from core.model import Model
from core.outcomes import ItemKey
from core.verdicts import Scored, Unscored


class Share(Model):
    """One agent's part of a run: what activities need to find its questions and its results."""

    run_id: RunId
    run_no: int
    agent_no: int
    case_count: int
    round: int = 1


class Batch(Model):
    """Questions `start` to `stop` (exclusive) of one agent."""

    share: Share
    start: int = Field(ge=0)
    stop: int

    @property
    def size(self) -> int:
        return self.stop - self.start

    def questions(self) -> Iterator[ItemKey]:
        for number in range(self.start, self.stop):
            trial, case_index = divmod(number, self.share.case_count)
            yield ItemKey(trial, case_index)


class Settled(Model):
    """What a batch has to show: `answered + failed` of its questions are done."""

    answered: int = 0
    failed: int = 0


HaltKind = Literal["budget", "quota"]


class Halt(Model):
    """Why asking must not go on until somebody has decided: the run is paused with this reason."""

    kind: HaltKind
    reason: str


class BatchAnswer(NamedTuple):
    """A recorded answer that still lacks a verdict."""

    key: ItemKey
    reply: Reply
    lacks: frozenset[str]
    """The labels of the evaluators that have not judged it."""


class BatchVerdict(NamedTuple):
    key: ItemKey
    evaluator: str
    version: str
    verdict: Scored | Unscored
