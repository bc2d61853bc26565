"""Every type of event is told by what makes it true, in the table's words."""

from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from adapters.database.amendments import Amendments
from adapters.database.baselines import BaselineRepository
from adapters.database.engine import Sessions, sessions
from adapters.database.events import EventFilter, EventRepository
from adapters.database.gates import GateRepository
from adapters.database.run_watch import RunWatch
from adapters.database.runs import RunRepository
from adapters.database.schedule_watch import Late, Look, Missed, ScheduleWatchRepository
from adapters.database.schedules import ScheduleRepository
from core.baselines import BaselineCheck, LastGood, Outcome
from core.benchmarks import Evaluation
from core.events import EventType
from core.gates import Gate, GatePolicy, GateVerdict, Threshold
from core.ids import DEFAULT_PROJECT, new_id
from core.run_requests import InlineRun
from core.schedules import Interval, Rules, Stored, Timing
from core.stalls import Stall
from core.work import Share

NOW = datetime.now(UTC)


async def told(database: Sessions, *types: EventType) -> list[dict[str, Any]]:
    wanted = EventFilter(types=frozenset(types))
    found = await EventRepository(database).page(DEFAULT_PROJECT, after=0, limit=1000, wanted=wanted)
    return [{"type": each.event.type, **each.event.data} for each in found]


async def live(engine: AsyncEngine, share: Share) -> None:
    """A run through everything that can happen to it."""
    runs, watch, run_id = RunRepository(engine), RunWatch(sessions(engine)), share.run_id
    await runs.begin(run_id, case_set="digest", case_count=10)
    await watch.look(deadline_s=60)
    await watch.stall(run_id, Stall(cause="agent", reason="Calls are out.", since=NOW - timedelta(hours=1)))
    await further(engine, share, answered=4)
    await watch.look(deadline_s=60)
    await runs.note(run_id, "paused", "The run's budget is spent.", halted="budget")
    await runs.note(run_id, "processing")
    await runs.note(run_id, "paused", "The account has nothing left.", halted="quota")
    amendments = Amendments(sessions(engine))
    await amendments.retune(run_id, {"agent": 4})
    for ending in ("completed", "failed", "cancelled"):
        await runs.note(run_id, ending, "Why." if ending == "failed" else None)
        await runs.next_round(run_id)
    await amendments.extend(run_id, trials=2)
    await runs.note(run_id, "completed")
    await amendments.rescore(run_id, [Evaluation(kind="contains")])


async def further(engine: AsyncEngine, share: Share, *, answered: int) -> None:
    async with engine.begin() as connection:
        counts = text("update run_agents set answered = :answered where run_no = :run_no")
        await connection.execute(counts, {"answered": answered, "run_no": share.run_no})


async def judge(database: Sessions, run_id: str) -> None:
    policy = GatePolicy(name="release", thresholds=(Threshold(at_least=0.8),))
    verdicts: tuple[GateVerdict, ...] = ("passed", "failed", "inconclusive")
    for verdict in verdicts:
        gate = Gate(
            gate_id=new_id("gate"), run_id=run_id, baseline_run_id=None, policy=policy, created_at=NOW,
            verdict=verdict, reasons=(), rules=(),
        )  # fmt: skip
        await GateRepository(database).add(gate)


async def hold(database: Sessions, run_id: str) -> None:
    outcomes: tuple[Outcome, ...] = ("first", "no_regression", "regression", "not_comparable")
    for number, outcome in enumerate(outcomes):
        check = BaselineCheck(
            run_id=run_id, run_name="sums", watch="benchmark/sums", baseline=LastGood(), baseline_run_id=None,
            outcome=outcome, sentence="Why.", completed_at=NOW + timedelta(seconds=number), checked_at=NOW,
        )  # fmt: skip
        await BaselineRepository(database).record(check)


async def recur(engine: AsyncEngine, share: Share) -> None:
    database = sessions(engine)
    runs, schedules, watch = RunRepository(engine), ScheduleRepository(database), ScheduleWatchRepository(database)
    config = (await runs.get(share.run_id)).config
    schedule = Stored(
        schedule_id=new_id("sched"), name="nightly", principal="somebody",
        run=InlineRun.model_validate(config.model_dump()), when=Timing(intervals=(Interval(every_s=60),)),
        rules=Rules(), baseline=None, created_at=NOW, updated_at=NOW,
    )  # fmt: skip
    await schedules.add(schedule)
    late = Late(NOW, "No worker took it.")
    await watch.note(schedule, Look(None, 1, 0, missed=[Missed(1, "Temporal was away.")], late=late))
    await schedules.refused(schedule, NOW, "There is no such benchmark.")
    run_id = new_id("run")
    await runs.create(run_id, config, project_id=DEFAULT_PROJECT, schedule_id=schedule.schedule_id)
    await schedules.accepted(schedule, NOW + timedelta(seconds=60), run_id)
    await runs.note(run_id, "completed")
    await watch.settle()


async def test_every_type_of_the_table_is_told_by_what_makes_it_true(
    engine: AsyncEngine, database: Sessions, share: Share
) -> None:
    await live(engine, share)
    await judge(database, share.run_id)
    await hold(database, share.run_id)
    await recur(engine, share)
    seen = {each["type"] for each in await told(database)}
    # Those of webhooks come of deliveries, and are seen where these are tried.
    assert seen == {each.value for each in EventType if not each.startswith("webhook.")}
    paused = await told(database, EventType.RUN_PAUSED)
    assert [(each["waits_for"], each["reason"]) for each in paused] == [
        ("budget", "The run's budget is spent."),
        ("quota", "The account has nothing left."),
    ]
    assert [each["error"] for each in await told(database, EventType.RUN_FAILED)] == ["Why."]
    assert [each["progress"] for each in await told(database, EventType.RUN_PROGRESS)] == [0.2]


async def test_progress_is_told_no_oftener_than_every_two_seconds_whoever_looks(
    engine: AsyncEngine, database: Sessions, share: Share
) -> None:
    await RunRepository(engine).begin(share.run_id, case_set="digest", case_count=10)
    watch = RunWatch(database)
    # The clock is moved instead of waited for: the last was told just now, or a while ago.
    for answered, ago_s in ((2, None), (4, -3600), (6, -3600), (8, 2)):
        await further(engine, share, answered=answered)
        if ago_s is not None:
            async with engine.begin() as connection:
                moved = text("update run_watch set told_at = now() - make_interval(secs => :ago)")
                await connection.execute(moved, {"ago": ago_s})
        await watch.look(deadline_s=60)
    assert [each["progress"] for each in await told(database, EventType.RUN_PROGRESS)] == [0.1, 0.4]
