"""One evaluator over many answers: who is to blame when a side process is lost, and what happens to the others.

Answers are judged many at a time. When a process is lost, those that have no verdict yet are judged one at a time until
the one is found that costs a process again; after three tries in all (two, if it hangs) it stays unscored, and the
others go on as before.
"""

import time
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import AbstractAsyncContextManager

from core.benchmarks import Evaluation
from core.verdicts import Scored, Unscored
from evaluators.isolation.process import Lost, SideProcess
from evaluators.isolation.wire import Judged, Work

ALONE = 2
"""Tries of one answer by itself, after the process was lost in company."""
HOPELESS_AFTER = 10
"""Answers in a row that cost their process: the evaluator is broken, and the rest is not tried."""
MOST_ANSWERS = 500
MOST_CHARACTERS = 8 * 1024**2
"""Of one piece of work."""
AIM_S = 2.0
"""How long a piece of work should take: what is known is written down, and others get their turn."""

Verdicts = list[Scored | Unscored]
Lease = Callable[[], AbstractAsyncContextManager[SideProcess]]


class Tries:
    def __init__(
        self, lease: Lease, evaluation: Evaluation, time_limit_s: float, *, hopeless_after: int = HOPELESS_AFTER
    ) -> None:
        self._lease = lease
        self._evaluation = evaluation
        self._time_limit_s = time_limit_s
        self._hopeless_after = hopeless_after
        self._pace_s = 0.0
        """Seconds an answer took lately."""
        self._given_up = 0
        """Answers in a row."""
        self._trouble = ""

    async def verdicts(self, answers: Sequence[Judged]) -> AsyncGenerator[Verdicts]:
        """One verdict for each answer, in order, some at a time."""
        at = 0
        while at < len(answers):
            if self._given_up >= self._hopeless_after:
                yield [self._not_tried()] * (len(answers) - at)
                return
            piece = self._piece(answers, at)
            found, loss = await self._judged(piece)
            if found:
                yield found
            at += len(found)
            if loss is not None:
                async for verdict in self._one_by_one(piece[len(found) :], loss):
                    at += 1
                    yield [verdict]

    async def _one_by_one(self, suspects: Sequence[Judged], loss: Lost) -> AsyncGenerator[Scored | Unscored]:
        """Verdicts up to and with that on the answer which costs its process."""
        for suspect in suspects:
            verdict = await self._alone(suspect, loss)
            yield verdict or self._gave_up()
            if verdict is None:
                return

    async def _alone(self, suspect: Judged, loss: Lost) -> Scored | Unscored | None:
        for _ in range(ALONE):
            found, again = await self._judged([suspect])
            if again is None:
                return found[0]
            self._trouble = str(again)
            if again.hung:
                break
        self._given_up += 1
        return None

    async def _judged(self, answers: Sequence[Judged]) -> tuple[Verdicts, Lost | None]:
        found: Verdicts = []
        loss = None
        async with self._lease() as process:
            began = time.perf_counter()
            try:
                work = Work(evaluation=self._evaluation, answers=tuple(answers))
                await process.judge(work, found, time_limit_s=self._time_limit_s)
            except Lost as error:
                loss = error
            if found:
                self._pace_s = (time.perf_counter() - began) / len(found)
                self._given_up = 0
        return found, loss

    def _piece(self, answers: Sequence[Judged], at: int) -> Sequence[Judged]:
        """The next answers to judge together: as many as fit the aim and the size, at least one."""
        most = max(1, min(MOST_ANSWERS, int(AIM_S / self._pace_s) if self._pace_s else MOST_ANSWERS))
        size = count = 0
        for case, reply in answers[at : at + most]:
            size += len(case.input) + len(reply.text)
            if size > MOST_CHARACTERS:
                break
            count += 1
        return answers[at : at + max(1, count)]

    def _gave_up(self) -> Unscored:
        return Unscored(
            reason=f"The evaluator {self._evaluation.label!r} could not judge this answer: it {self._trouble}.",
            cause="evaluator",
        )

    def _not_tried(self) -> Unscored:
        return Unscored(
            reason=f"The evaluator {self._evaluation.label!r} failed on {self._hopeless_after} answers in a row, "
            f"and was not tried on this one: it {self._trouble}.",
            cause="evaluator",
        )
