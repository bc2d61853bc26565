"""Provider keys in PostgreSQL: what one process hears depends on all others, and the dead hold nothing."""

import asyncio

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from adapters.database.engine import sessions
from adapters.database.limit_records import LimitRepository
from adapters.database.shared_limits import PostgresLimits
from core.limits import NO_LIMITS, Asker, Demand, Limits, ProviderKey, Report, Trouble

KEY = ProviderKey(key_id="key_1", origin="https://models.example.com:443", credential="lab", model="large")
ASKER = Asker(run_id="run_a", project_id="default")


def report(owner: str, *, waiting: int = 0, in_flight: int = 0, run: str = "run_a", **seen: object) -> Report:
    asker = ASKER.model_copy(update={"run_id": run})
    demand = Demand(asker=asker, waiting=waiting, in_flight=in_flight, waited_s=2.0)
    return Report.model_validate({"owner": owner, "demands": (demand,)} | seen)


async def test_a_key_nobody_limits_lets_every_call_pass(engine: AsyncEngine) -> None:
    heard = await PostgresLimits(engine).exchange(KEY, report("p1"))
    assert heard.free
    assert not heard.proven


async def test_places_are_never_given_twice_however_many_ask_at_once(engine: AsyncEngine) -> None:
    await LimitRepository(sessions(engine)).set(KEY.origin, None, None, Limits(in_flight=10))
    limits = PostgresLimits(engine)
    heard = await asyncio.gather(*(limits.exchange(KEY, report(f"p{number}", waiting=5)) for number in range(8)))
    places = [each.grants["run_a"].in_flight or 0 for each in heard]
    later = heard
    assert sum(places) <= 10
    for _ in range(3):
        # Who was granted more than its part gives it back with its own next report.
        later = [await limits.exchange(KEY, report(f"p{number}", waiting=5)) for number in range(8)]
        assert sum(each.grants["run_a"].in_flight or 0 for each in later) <= 10
    assert sum(each.grants["run_a"].in_flight or 0 for each in later) == 10


async def test_the_rule_that_says_most_about_a_key_holds(engine: AsyncEngine) -> None:
    rules = LimitRepository(sessions(engine))
    await rules.set(KEY.origin, None, None, Limits(in_flight=3))
    await rules.set(KEY.origin, None, "small", Limits(in_flight=1))
    await rules.set(KEY.origin, "lab", "large", Limits(in_flight=2))
    limits = PostgresLimits(engine)
    heard = await limits.exchange(KEY, report("p1", waiting=9))
    other = KEY.model_copy(update={"key_id": "key_2", "credential": None})
    assert heard.grants["run_a"].in_flight == 2
    assert (await limits.exchange(other, report("p1", waiting=9))).grants["run_a"].in_flight == 3
    views = {view.key_id: view.limits for view in (await rules.page(limit=10)).items}
    assert views == {"key_1": Limits(in_flight=2), "key_2": Limits(in_flight=3)}


async def test_the_same_keys_have_one_rule_and_it_can_be_taken_back(engine: AsyncEngine) -> None:
    rules = LimitRepository(sessions(engine))
    first = await rules.set(KEY.origin, None, None, Limits(in_flight=3))
    second = await rules.set(KEY.origin, None, None, Limits(requests_per_minute=60))
    assert (second.rule_id, second.limits) == (first.rule_id, Limits(requests_per_minute=60))
    await rules.remove(first.rule_id)
    assert await rules.rules() == ()
    assert (await PostgresLimits(engine).exchange(KEY, report("p1"))).free


async def test_what_a_dead_process_was_granted_falls_to_the_others(engine: AsyncEngine) -> None:
    await LimitRepository(sessions(engine)).set(KEY.origin, None, None, Limits(in_flight=4))
    limits = PostgresLimits(engine)
    dead = await limits.exchange(KEY, report("dead", waiting=9))
    assert dead.grants["run_a"].in_flight == 4
    assert (await limits.exchange(KEY, report("p1", waiting=9))).grants["run_a"].in_flight == 0
    async with engine.begin() as connection:
        await connection.execute(text("update provider_stakes set seen_at = seen_at - interval '10 seconds'"))
    assert (await limits.exchange(KEY, report("p1", waiting=9))).grants["run_a"].in_flight == 4


async def test_a_report_without_demands_gives_everything_back(engine: AsyncEngine) -> None:
    await LimitRepository(sessions(engine)).set(KEY.origin, None, None, Limits(in_flight=4))
    limits = PostgresLimits(engine)
    await limits.exchange(KEY, report("p1", waiting=9))
    await limits.exchange(KEY, Report(owner="p1"))
    assert (await limits.exchange(KEY, report("p2", waiting=9))).grants["run_a"].in_flight == 4


async def test_a_refusal_that_one_process_saw_slows_all(engine: AsyncEngine) -> None:
    limits = PostgresLimits(engine)
    assert (await limits.exchange(KEY, report("p1", accepted=30, answers=30))).free
    cut = await limits.exchange(KEY, report("p1", waiting=5, accepted=10, throttled=10, told_to_wait_s=3.0))
    other = await limits.exchange(KEY, report("p2", waiting=5))
    assert not cut.free
    assert not other.free
    assert 2.5 < other.wait_s <= 3.0
    [view] = (await LimitRepository(sessions(engine)).page(limit=10)).items
    assert view.throttled == 10
    assert view.calls_per_second is not None
    assert view.waits_until is not None


async def test_what_a_run_waits_for_is_told_with_since_when_and_until_when(engine: AsyncEngine) -> None:
    limits, records = PostgresLimits(engine), LimitRepository(sessions(engine))
    await limits.exchange(KEY, report("p1", waiting=5, throttled=5, told_to_wait_s=30.0))
    await limits.exchange(KEY, report("p2", waiting=2))
    await limits.exchange(KEY, report("p3", waiting=2, run="run_b"))
    [wait] = await records.waiting("run_a")
    assert (wait.calls, wait.origin, wait.model) == (7, KEY.origin, "large")
    assert wait.until is not None
    assert 29 < (wait.until - wait.since).total_seconds() < 33
    assert wait.said.startswith("7 calls to https://models.example.com:443 large wait since")
    assert "The provider asked to wait" in wait.said
    assert await records.waiting("run_c") == ()


async def test_what_was_learned_can_be_forgotten(engine: AsyncEngine) -> None:
    limits, records = PostgresLimits(engine), LimitRepository(sessions(engine))
    trouble = Trouble(kind="unavailable", count=10, detail="The connection was refused.")
    await limits.exchange(KEY, report("p1", waiting=5, trouble=trouble))
    [view] = (await records.page(limit=10)).items
    assert (view.breaker, view.failures_in_a_row, view.last_failure) == ("open", 10, "The connection was refused.")
    await records.forget(KEY.key_id)
    assert (await limits.exchange(KEY, report("p1", waiting=5))).free


async def test_all_processes_hash_with_the_same_salt(engine: AsyncEngine) -> None:
    salts = {await LimitRepository(sessions(engine)).salt() for _ in range(2)}
    assert len(salts) == 1
    assert len(salts.pop()) > 60


async def test_limits_that_nobody_set_are_none(engine: AsyncEngine) -> None:
    await PostgresLimits(engine).exchange(KEY, report("p1"))
    [view] = (await LimitRepository(sessions(engine)).page(limit=10)).items
    assert view.limits == NO_LIMITS
    assert view.runs[0].run_id == "run_a"
