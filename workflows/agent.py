"""One agent's part of a run: a sliding window of batches, each asked and then evaluated."""

import asyncio
from contextlib import suppress
from typing import Any, Literal

from temporalio import workflow
from temporalio.exceptions import ActivityError, ApplicationError, TimeoutError, is_cancelled_exception

with workflow.unsafe.imports_passed_through():
    from activities.asking import AskingActivities, AskInput, AskOutput, asking_queue
    from activities.evaluation import EvaluateInput, EvaluateOutput, EvaluationActivities
    from core.work import Batch, Halt, Settled
    from workflows.agent_messages import AgentOutcome, AgentProgress, AgentWork, Retune
    from workflows.batches import LARGEST, LARGEST_BEFORE_A_DECISION, MOST_AT_ONCE, Cutter, Span
    from workflows.policies import ASK, EVALUATE, told
    from workflows.reasons import reason_of

HOPELESS_AFTER = 10
"""Questions; within a batch `activities.crew` gives up likewise."""
LONGEST_HISTORY = 4_000
"""Events after which the workflow continues as new, well before Temporal insists."""


@workflow.defn
class AgentWorkflow:
    @workflow.init
    def __init__(self, work: AgentWork) -> None:
        self._work = work
        self._cutter = Cutter(
            total=work.total,
            concurrency=work.concurrency,
            cursor=work.cursor,
            unfinished=work.unfinished,
            largest=LARGEST_BEFORE_A_DECISION if work.stops else LARGEST,
        )
        self._decision = work.decision
        self._answered, self._failed, self._evaluated = work.answered, work.failed, work.evaluated
        self._absent = work.absent
        self._paused = work.paused
        self._concurrency = work.concurrency
        self._resumed = 0
        self._looked_at = 0
        """Questions settled at the last look for a decision."""
        self._stopped = False
        self._error: str | None = None
        # Not sets: they are gone through, and a replay must do so in the same order.
        self._asking: dict[workflow.ActivityHandle[AskOutput], None] = {}
        self._judging: dict[workflow.ActivityHandle[EvaluateOutput], None] = {}
        self._halted: set[workflow.ActivityHandle[Any]] = set()
        self._batches: set[asyncio.Task[None]] = set()
        self._out = 0
        """Batches in flight, until they are done with; their tasks end a moment later."""

    @workflow.run
    async def run(self, work: AgentWork) -> AgentOutcome:
        try:
            await self._work_through()
        except asyncio.CancelledError:
            self._stop()
            await self._drained()
            await self._judge_the_rest()
        if self._error is not None:
            return self._outcome("failed")
        return self._outcome("cancelled" if self._stopped else "completed")

    @workflow.signal
    def pause(self) -> None:
        self._paused = True
        self._halt()
        self._halt_judges()

    @workflow.signal
    def resume(self) -> None:
        self._paused = False
        self._resumed += 1

    @workflow.signal
    def retune(self, wanted: Retune) -> None:
        """What is in flight comes home first, so that never more are in flight than either figure allows."""
        self._concurrency = wanted.concurrency
        if self._must_retune:
            self._halt()

    @workflow.signal
    def stop(self) -> None:
        self._stop()

    @workflow.query
    def progress(self) -> AgentProgress:
        return AgentProgress(
            total=self._work.total,
            answered=self._answered,
            failed=self._failed,
            evaluated=self._evaluated,
            paused=self._paused,
            batches_in_flight=len(self._batches),
        )

    async def _work_through(self) -> None:
        while True:
            await workflow.wait_condition(lambda: self._over or self._may_deal or self._must_continue_as_new)
            if self._over:
                await self._judge_the_rest()
                return
            if self._must_continue_as_new:
                await self._drained()
                if not self._over:
                    workflow.continue_as_new(self._state())
                continue
            self._deal()

    @property
    def _over(self) -> bool:
        done = self._finishing or not self._cutter.more
        return done and not self._batches

    @property
    def _may_deal(self) -> bool:
        wanted = not (self._paused or self._finishing)
        room = not self._asking if self._must_retune else self._cutter.room
        return wanted and self._cutter.more and room and self._out < 3 * MOST_AT_ONCE

    @property
    def _finishing(self) -> bool:
        """Whether nothing more is to be asked, whatever is left."""
        return self._stopped or self._error is not None or self._decision is not None

    @property
    def _must_retune(self) -> bool:
        return self._concurrency != self._cutter.concurrency

    @property
    def _must_continue_as_new(self) -> bool:
        info = workflow.info()
        return info.get_current_history_length() > LONGEST_HISTORY or info.is_continue_as_new_suggested()

    def _deal(self) -> None:
        """Starts what there is room for.

        What makes room calls this in the same breath, so that commands come in the order of the events that led to
        them, however many events come at once. A worker that is asked for progress when it does not know the workflow
        yet sees the first of them early (SDK 1.35), and whoever replays it sees all together: the order must be one.
        """
        while self._may_deal and not self._must_continue_as_new:
            if self._must_retune:
                self._cutter.retune(self._concurrency)
            self._start_batch()

    def _start_batch(self) -> None:
        span, lanes = self._cutter.deal()
        batch = Batch(share=self._work.share, start=span.start, stop=span.stop)
        asking = self._sent(batch, lanes) if self._work.asks else None
        task = asyncio.create_task(self._batch(batch, lanes, asking))
        self._out += 1
        self._batches.add(task)
        task.add_done_callback(self._batches.discard)

    def _sent(self, batch: Batch, lanes: int) -> workflow.ActivityHandle[AskOutput]:
        policy = told(ASK, f"{self._work.name}: questions {batch.start}-{batch.stop - 1}")
        policy["task_queue"] = asking_queue(workflow.info().task_queue)
        handle = workflow.start_activity_method(AskingActivities.ask, AskInput(batch=batch, lanes=lanes), **policy)
        self._asking[handle] = None
        return handle

    async def _batch(self, batch: Batch, lanes: int, asking: workflow.ActivityHandle[AskOutput] | None) -> None:
        try:
            if asking is None:
                await self._rejudge(batch, lanes)
            elif (settled := await self._ask(batch, lanes, asking)) is not None:
                self._answered += settled.answered
                self._failed += settled.failed
                self._deal()
                await self._evaluate(batch)
        except ActivityError as error:
            self._error = self._error or reason_of(error)
            self._halt()
        workflow.set_current_details(self._details())
        self._out -= 1
        self._deal()

    async def _ask(self, batch: Batch, lanes: int, handle: workflow.ActivityHandle[AskOutput]) -> Settled | None:
        """What the batch has to show; None when it was stopped early and goes back to the pile."""
        began, resumed = workflow.time(), self._resumed
        try:
            asked = await handle
            if asked.finished:
                self._cutter.took(batch.size, workflow.time() - began)
        except asyncio.CancelledError:
            # Halted before it began.
            if handle not in self._halted:
                raise
            asked = AskOutput(settled=Settled(), finished=False)
        except ActivityError as error:
            if not (is_cancelled_exception(error) or self._lost_while_stopping(handle, error)):
                raise
            asked = AskOutput(settled=Settled(), finished=False)
        finally:
            self._asking.pop(handle, None)
            self._halted.discard(handle)
            self._cutter.hand_back(lanes)
        unusable = asked.unusable or self._hopeless(asked)
        if unusable is not None:
            self._error = self._error or unusable
            self._halt()
        if asked.finished or self._finishing:
            return asked.settled
        self._cutter.put_back(Span(start=batch.start, stop=batch.stop))
        # What stood in the way before a resumption may be gone by now.
        if asked.halt is not None and resumed == self._resumed:
            await self._wait_for_decision(asked.halt)
        return None

    async def _wait_for_decision(self, halt: Halt) -> None:
        """Pauses itself and has the run paused, with the reason."""
        if self._paused:
            return
        self.pause()
        with suppress(ApplicationError):
            await workflow.get_external_workflow_handle(self._work.share.run_id).signal("halt", halt)

    async def _rejudge(self, batch: Batch, lanes: int) -> None:
        try:
            await self._evaluate(batch)
        finally:
            self._cutter.hand_back(lanes)

    async def _evaluate(self, batch: Batch) -> None:
        """Judges who ask others stop with a pause, go on after it, and are not heard any more once all is stopped."""
        while True:
            resumed = self._resumed
            output = await self._judged(batch)
            if output is None:
                await workflow.wait_condition(lambda: self._stopped or not self._paused)
                continue
            self._evaluated += output.evaluated
            if output.decision is not None and self._decision is None:
                self._decision = output.decision
                self._halt()
            if output.finished or self._stopped:
                return
            if output.halt is not None and resumed == self._resumed:
                await self._wait_for_decision(output.halt)
            await workflow.wait_condition(lambda: self._stopped or not self._paused)

    @property
    def _looks(self) -> bool:
        """Whether the next verdicts are worth a look for a decision: each reads all there are."""
        settled = self._answered + self._failed
        if not self._work.stops or settled < self._looked_at + max(LARGEST_BEFORE_A_DECISION, self._looked_at // 20):
            return False
        self._looked_at = settled
        return True

    async def _judge_the_rest(self) -> None:
        """Answers of batches that were to be dealt again are paid for: they get their verdicts, whatever ended it."""
        for span in self._cutter.unfinished:
            try:
                await self._evaluate(Batch(share=self._work.share, start=span.start, stop=span.stop))
            except ActivityError as error:
                self._error = self._error or reason_of(error)

    async def _judged(self, batch: Batch) -> EvaluateOutput | None:
        """None when it was cancelled before it said anything."""
        handle = workflow.start_activity_method(
            EvaluationActivities.evaluate,
            EvaluateInput(batch=batch, asks=not (self._paused or self._stopped), decides=self._looks),
            **told(EVALUATE, f"{self._work.name}: judge {batch.start}-{batch.stop - 1}"),
        )
        self._judging[handle] = None
        try:
            return await handle
        except asyncio.CancelledError:
            # Halted before it began.
            if handle not in self._halted:
                raise
            return None
        except ActivityError as error:
            if not (is_cancelled_exception(error) or self._lost_while_stopping(handle, error)):
                raise
            return None
        finally:
            self._judging.pop(handle, None)
            self._halted.discard(handle)

    def _hopeless(self, asked: AskOutput) -> str | None:
        """Why asking on is pointless: many questions failed for want of the agent, and none got an answer."""
        self._absent += asked.absent
        if not asked.absent or self._answered or asked.settled.answered or self._absent < HOPELESS_AFTER:
            return None
        return f"No question got an answer; the last of {self._absent}: {asked.trouble}"

    def _stop(self) -> None:
        self._stopped = True
        self._halt()
        self._halt_judges()

    def _halt(self) -> None:
        """Nothing more is sent; what is in flight comes home."""
        for handle in tuple(self._asking):
            handle.cancel()
            self._halted.add(handle)

    def _halt_judges(self) -> None:
        """Verdicts on their way are awaited; nobody is asked about another answer."""
        for handle in tuple(self._judging):
            handle.cancel()
            self._halted.add(handle)

    def _lost_while_stopping(self, handle: workflow.ActivityHandle[Any], error: ActivityError) -> bool:
        """Whether its worker died before it could stop: Temporal does not try again what was told to stop."""
        return handle in self._halted and isinstance(error.cause, TimeoutError)

    async def _drained(self) -> None:
        await workflow.wait_condition(lambda: not self._batches)

    def _state(self) -> AgentWork:
        return self._work.model_copy(
            update={
                "concurrency": self._concurrency,
                "cursor": self._cutter.cursor,
                "unfinished": self._cutter.unfinished,
                "answered": self._answered,
                "failed": self._failed,
                "evaluated": self._evaluated,
                "absent": self._absent,
                "paused": self._paused,
                "decision": self._decision,
            }
        )

    def _outcome(self, status: Literal["completed", "failed", "cancelled"]) -> AgentOutcome:
        return AgentOutcome(
            status=status,
            answered=self._answered,
            failed=self._failed,
            error=self._error,
            decision=self._decision,
        )

    def _details(self) -> str:
        done = self._answered + self._failed
        state = "paused" if self._paused else "asking" if self._work.asks else "judging again"
        return (
            f"**{self._work.name}** ({state}): {done} of {self._work.total} questions settled, "
            f"{self._answered} answered, {self._failed} failed, {self._evaluated} judged."
        )
