"""A benchmark run: prepare the cases, let every agent answer them, aggregate, report. Its id is the run's id."""

import asyncio

from temporalio import workflow
from temporalio.exceptions import ActivityError, ApplicationError, ChildWorkflowError, is_cancelled_exception

with workflow.unsafe.imports_passed_through():
    from activities.aggregation import AggregateInput, AggregateOutput, AggregationActivities
    from activities.preparation import Plan, PlannedAgent, PreparationActivities, PrepareInput
    from activities.recording import NoteInput, RecordingActivities
    from core.runs import RunStatus
    from core.work import Halt, Share
    from workflows.agent_messages import AgentOutcome, AgentWork, Retune
    from workflows.children import AgentHandle, Steering, started, tell
    from workflows.messages import Concurrency, Decision, Phase, Progress, Retry, RunInput, RunOutcome
    from workflows.policies import AGGREGATE, PREPARE, RECORD, told
    from workflows.reasons import RUN_FAILED, reason_of
    from workflows.showing import index_run, index_status, run_details


@workflow.defn
class BenchmarkWorkflow:
    @workflow.init
    def __init__(self, input: RunInput) -> None:
        self._run_id = input.run_id
        self._phase: Phase = "preparing"
        self._status: RunStatus = "processing"
        self._paused = False
        self._halted: Halt | None = None
        self._concurrency: dict[int, int] = {}
        self._cancelled = False
        self._round_wanted = 1
        self._round_tried = 1
        self._preparing: workflow.ActivityHandle[Plan] | None = None
        self._agents: dict[int, AgentHandle] = {}
        self._outcomes: dict[int, AgentOutcome] = {}
        self._plan: Plan | None = None
        self._noting = asyncio.Lock()
        self._steering = asyncio.Lock()

    @workflow.run
    async def run(self, input: RunInput) -> RunOutcome:
        while True:
            try:
                outcome = await self._run_through()
            except ApplicationError:
                if not self._retry_waits:
                    raise
            else:
                if not self._retry_waits:
                    return outcome
            # It came too late for the rounds just asked, and would be lost with this workflow.
            self._cancelled = False

    async def _run_through(self) -> RunOutcome:
        try:
            await self._ask_every_round()
        except asyncio.CancelledError:
            await self._cancel_agents()
        except ActivityError as error:
            # A worker that dies before it can stop preparing leaves a timeout instead of a cancellation.
            if not (self._cancelled or is_cancelled_exception(error)):
                raise await self._failed(reason_of(error)) from error
            self._give_up()
        concluding = asyncio.create_task(self._conclude())
        try:
            await workflow.wait([concluding])
        except asyncio.CancelledError:
            # What was answered still gets its figures.
            self._give_up()
            await workflow.wait([concluding])
        return concluding.result()

    @workflow.signal
    async def pause(self) -> None:
        await self._set_paused(True)

    @workflow.signal
    async def halt(self, halt: Halt) -> None:
        """From an agent's workflow: nothing goes on before somebody has decided."""
        await self._set_paused(True, halt)

    @workflow.signal
    async def decided(self, decision: Decision) -> None:
        """Goes on if it is this that the run has waited for."""
        if self._halted is not None and self._halted.kind == decision.kind:
            await self._set_paused(False)
        elif not self._paused:
            # What is on its way to halt it was true before.
            async with self._steering:
                await self._tell_agents("resume")

    @workflow.signal
    async def retune(self, wanted: Concurrency) -> None:
        self._concurrency |= wanted.agents
        for number, concurrency in wanted.agents.items():
            if number in self._agents:
                await tell(self._agents[number], "retune", Retune(concurrency=concurrency))

    @workflow.signal
    async def resume(self) -> None:
        await self._set_paused(False)

    @workflow.signal
    async def cancel(self) -> None:
        await self._cancel_agents()

    @workflow.signal
    def retry(self, wanted: Retry) -> None:
        self._round_wanted = max(self._round_wanted, wanted.round)

    @property
    def _retry_waits(self) -> bool:
        asked = 0 if self._plan is None else self._plan.round
        return self._round_wanted > max(self._round_tried, asked)

    @workflow.query
    def progress(self) -> Progress:
        names = {} if self._plan is None else {agent.agent_no: agent.name for agent in self._plan.agents}
        return Progress(
            status=self._status,
            phase=self._phase,
            waits_for=self._why_paused,
            agents={
                name: self._outcomes[number].status if number in self._outcomes else "processing"
                for number, name in names.items()
            },
        )

    async def _ask_every_round(self) -> None:
        while not self._cancelled:
            plan = await self._prepare()
            self._phase = "asking"
            asking = [asyncio.create_task(self._ask_agent(plan, agent)) for agent in plan.agents]
            try:
                await workflow.wait(asking)
            except asyncio.CancelledError:
                await self._cancel_agents()
                await workflow.wait(asking)
            for task in asking:
                task.result()
            if self._round_wanted <= plan.round:
                return

    async def _prepare(self) -> Plan:
        self._phase = "preparing"
        self._round_tried = self._round_wanted
        self._outcomes.clear()
        self._preparing = workflow.start_activity_method(
            PreparationActivities.prepare,
            PrepareInput(run_id=self._run_id),
            **told(PREPARE, "load the dataset, cut the run's cases"),
        )
        self._plan = plan = await self._preparing
        self._status = "processing"
        index_run(plan, self._status)
        while (steered := self._steered) != self._status:
            await self._note(steered, self._why_paused)
        self._show()
        return plan

    async def _ask_agent(self, plan: Plan, agent: PlannedAgent) -> None:
        share = Share(
            run_id=self._run_id,
            run_no=plan.run_no,
            agent_no=agent.agent_no,
            case_count=plan.case_count,
            round=plan.round,
        )
        work = AgentWork(
            share=share,
            name=agent.name,
            total=plan.case_count * plan.trials,
            concurrency=self._concurrency.get(agent.agent_no, agent.concurrency),
            paused=self._paused,
            asks=plan.asks and not agent.decided,
            stops=plan.stops and plan.asks,
        )
        outcome = await self._outcome_of(work)
        if not work.asks and outcome.status == "completed" and agent.ended is not None:
            # Judging again changes what its answers are worth, not how its asking ended.
            outcome = outcome.model_copy(update={"status": agent.ended, "error": agent.error})
        self._outcomes[agent.agent_no] = outcome
        self._agents.pop(agent.agent_no, None)
        await self._note(outcome.status, outcome.error, agent_no=agent.agent_no, decision=outcome.decision)
        self._show()

    async def _outcome_of(self, work: AgentWork) -> AgentOutcome:
        number = work.share.agent_no
        try:
            handle = self._agents[number] = await started(self._run_id, work)
            if self._cancelled:
                await tell(handle, "stop")
            elif self._paused != work.paused:
                await tell(handle, "pause" if self._paused else "resume")
            if (concurrency := self._concurrency.get(number, work.concurrency)) != work.concurrency:
                await tell(handle, "retune", Retune(concurrency=concurrency))
            return await handle
        except ChildWorkflowError as error:
            reason = f"The workflow of agent {work.name!r} ended early: {reason_of(error)}"
            return AgentOutcome(status="failed", answered=0, failed=0, error=reason)

    async def _set_paused(self, paused: bool, halted: Halt | None = None) -> None:
        self._paused, self._halted = paused, halted
        # One at a time, each to the latest wish: two in flight could reach the agents in the wrong order.
        async with self._steering:
            await self._tell_agents("pause" if self._paused else "resume")
            if self._phase == "asking":
                await self._note(self._steered, self._why_paused)

    @property
    def _steered(self) -> RunStatus:
        return "paused" if self._paused else "processing"

    @property
    def _why_paused(self) -> str | None:
        return self._halted.reason if self._paused and self._halted is not None else None

    def _give_up(self) -> None:
        """For good, unless a retry is asked for after this."""
        self._cancelled = True
        self._round_tried = self._round_wanted

    async def _cancel_agents(self) -> None:
        self._give_up()
        if self._preparing is not None:
            self._preparing.cancel()
        await self._tell_agents("stop")

    async def _tell_agents(self, what: Steering) -> None:
        for handle in tuple(self._agents.values()):
            await tell(handle, what)

    async def _conclude(self) -> RunOutcome:
        await workflow.wait_condition(workflow.all_handlers_finished)
        aggregated = await self._aggregate() if self._outcomes else None
        outcomes = tuple(self._outcomes.values())
        reasons = sorted({outcome.error for outcome in outcomes if outcome.error})
        if self._cancelled or (outcomes and all(outcome.status == "cancelled" for outcome in outcomes)):
            status: RunStatus = "cancelled"
        elif outcomes and all(outcome.status == "failed" for outcome in outcomes):
            raise await self._failed(" ".join(reasons))
        else:
            status = "completed"
        if not self._retry_waits:
            await self._note(status, " ".join(reasons) or None)
        self._phase = "ended"
        self._show()
        if aggregated is None:
            return RunOutcome(status=status)
        return RunOutcome(status=status, report_key=aggregated.report_key, validity=aggregated.validity)

    async def _aggregate(self) -> AggregateOutput:
        self._phase = "aggregating"
        try:
            aggregated = await workflow.execute_activity_method(
                AggregationActivities.aggregate,
                AggregateInput(run_id=self._run_id, asks=not self._cancelled),
                **told(AGGREGATE, "figures, intervals, report"),
            )
        except ActivityError as error:
            raise await self._failed(reason_of(error)) from error
        if not self._cancelled:
            # A round whose signal was lost.
            self._round_wanted = max(self._round_wanted, aggregated.round)
        for number, reason in aggregated.fruitless.items():
            outcome = self._outcomes[number]
            self._outcomes[number] = outcome.model_copy(update={"status": "failed", "error": reason})
        return aggregated

    async def _failed(self, reason: str) -> ApplicationError:
        await self._note("failed", reason)
        self._phase = "ended"
        return ApplicationError(reason, type=RUN_FAILED, non_retryable=True)

    async def _note(
        self, status: RunStatus, error: str | None = None, *, agent_no: int | None = None, decision: str | None = None
    ) -> None:
        async with self._noting:
            who = "run" if agent_no is None or self._plan is None else self._plan.agents[agent_no].name
            if agent_no is None:
                self._status = status
                index_status(status)
            await workflow.execute_activity_method(
                RecordingActivities.note,
                NoteInput(
                    run_id=self._run_id,
                    status=status,
                    error=error,
                    agent_no=agent_no,
                    decision=decision,
                    halted=self._halted.kind if self._halted is not None and status == "paused" else None,
                ),
                **told(RECORD, f"{who}: {status}"),
            )

    def _show(self) -> None:
        if self._plan is not None:
            workflow.set_current_details(
                run_details(self._run_id, self._plan, self._outcomes, f"{self._status}, {self._phase}")
            )
