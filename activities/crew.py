"""The crew of a batch: as many questions in flight as there are lanes, until all are settled or it is told to stop."""

import asyncio
from collections.abc import Sequence

from activities.lanes import Lanes, Turn
from activities.questioning import Elsewhere, Questioner, Stopped
from core.cases import Case
from core.causes import MEANINGS
from core.claims import Done
from core.errors import AgentUnusable, OverBudget, QuotaExhausted
from core.outcomes import ItemKey, Outcome
from core.work import Halt

HOPELESS_AFTER = 10
"""That many questions failed in a row because the agent was not there, and it never answered any of the run: asking on
is pointless. Who asks for fewer requests is there."""
LOOK_AGAIN_S = 0.5
"""Between looks at questions that somebody else has a call out for."""


class Crew:
    def __init__(self, questioner: Questioner, lanes: Lanes, stop: asyncio.Event) -> None:
        self._questioner = questioner
        self._lanes = lanes
        self._stop = stop
        self._tasks: set[asyncio.Task[None]] = set()
        self._elsewhere: list[tuple[ItemKey, Case]] = []
        self._broken: BaseException | None = None
        self._failures_in_a_row = 0
        self.answered = 0
        self.failed = 0
        self.absent = 0
        """Failed because the agent was not there."""
        self.trouble: str | None = None
        """What happened to the last of those."""
        self.exhausted: str | None = None
        """Why nothing is left of the account, if that turned out."""
        self.over_budget: str | None = None
        """Why nothing more may be spent, if that turned out."""
        self.unusable: str | None = None
        """Why no request to this agent can succeed, if that turned out."""

    @property
    def halt(self) -> Halt | None:
        """Why the run has to pause before the rest is asked."""
        if self.over_budget is not None:
            return Halt(kind="budget", reason=self.over_budget)
        return None if self.exhausted is None else Halt(kind="quota", reason=self.exhausted)

    async def work_through(self, questions: Sequence[tuple[ItemKey, Case]]) -> bool:
        """Asks them all; False if it stopped before the end. Raises what broke our own machinery, after the drain."""
        lining_up = asyncio.create_task(self._line_up(questions))
        stopping = asyncio.create_task(self._stop.wait())
        await asyncio.wait({lining_up, stopping}, return_when=asyncio.FIRST_COMPLETED)
        stopping.cancel()
        if not lining_up.done():
            lining_up.cancel()
        await asyncio.wait({lining_up})
        while self._tasks:
            await asyncio.wait(self._tasks)
        if self._broken is not None:
            raise self._broken
        return self.answered + self.failed == len(questions)

    async def _line_up(self, questions: Sequence[tuple[ItemKey, Case]]) -> None:
        waiting = list(questions)
        while waiting:
            for key, case in waiting:
                await self._lanes.line.enter()
                turn = Turn(self._lanes)
                if self._stop.is_set():
                    turn.end()
                    return
                task = asyncio.create_task(self._ask(key, case, turn))
                self._tasks.add(task)
                task.add_done_callback(self._tasks.discard)
            while self._tasks:
                await asyncio.wait(self._tasks)
            waiting, self._elsewhere = self._elsewhere, []
            if waiting:
                await asyncio.sleep(LOOK_AGAIN_S)

    async def _ask(self, key: ItemKey, case: Case, turn: Turn) -> None:
        try:
            with turn:
                outcome = await self._questioner.ask(key, case, turn)
            await self._count(outcome)
        except Stopped:
            return
        except Elsewhere:
            self._elsewhere.append((key, case))
        except OverBudget as error:
            self.over_budget = self.over_budget or str(error)
            self._stop.set()
        except QuotaExhausted as error:
            self.exhausted = self.exhausted or str(error)
            self._stop.set()
        except AgentUnusable as error:
            self._give_up(str(error))
        except Exception as error:  # noqa: BLE001 - ours, not the agent's: stop claiming, drain, then raise it
            self._broken = self._broken or error
            self._stop.set()

    async def _count(self, outcome: Outcome | Done) -> None:
        if outcome.status == "answered":
            self.answered += 1
            self._failures_in_a_row = 0
            return
        self.failed += 1
        if isinstance(outcome, Done):
            return
        if not MEANINGS[outcome.cause].absence:
            self._failures_in_a_row = 0
            return
        self.absent += 1
        self.trouble = outcome.detail
        self._failures_in_a_row += 1
        if self._failures_in_a_row >= HOPELESS_AFTER and not await self._questioner.ever_answered():
            self._give_up(f"{self._failures_in_a_row} questions in a row got no answer; the last: {outcome.detail}")

    def _give_up(self, reason: str) -> None:
        self.unusable = self.unusable or reason
        self._stop.set()
