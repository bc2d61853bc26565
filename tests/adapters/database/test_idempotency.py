"""One key, one piece of work: whoever asks at the same time, and whoever dies over it."""

import asyncio
from datetime import timedelta

from sqlalchemy import text

from adapters.database.engine import Sessions
from adapters.database.idempotency import Answered, Claimed, IdempotencyRepository, InFlight, OtherRequest

LEASE = timedelta(seconds=30)
EXPIRED = timedelta(seconds=-1)


async def test_of_many_at_once_one_gets_the_work(database: Sessions) -> None:
    keys = IdempotencyRepository(database)
    claims = await asyncio.gather(*(keys.claim("default", "k", "digest", lease=LEASE) for _ in range(20)))
    assert sum(isinstance(claim, Claimed) for claim in claims) == 1
    assert sum(isinstance(claim, InFlight) for claim in claims) == 19


async def test_a_repetition_gets_the_stored_answer_and_another_body_does_not(database: Sessions) -> None:
    keys = IdempotencyRepository(database)
    claim = await keys.claim("default", "k", "digest", lease=LEASE)
    assert isinstance(claim, Claimed)
    await keys.finish("default", "k", claim.owner, status=202, headers={"location": "/v1/runs/1"}, body=b"{}")
    assert await keys.claim("default", "k", "digest", lease=LEASE) == Answered(202, {"location": "/v1/runs/1"}, b"{}")
    assert await keys.claim("default", "k", "other", lease=LEASE) == OtherRequest()


async def test_a_released_key_is_free_for_any_body(database: Sessions) -> None:
    keys = IdempotencyRepository(database)
    claim = await keys.claim("default", "k", "digest", lease=LEASE)
    assert isinstance(claim, Claimed)
    await keys.release("default", "k", claim.owner)
    assert isinstance(await keys.claim("default", "k", "other", lease=LEASE), Claimed)


async def test_an_abandoned_claim_is_taken_over_by_one_and_keeps_its_time(database: Sessions) -> None:
    keys = IdempotencyRepository(database)
    first = await keys.claim("default", "k", "digest", lease=EXPIRED)
    claims = await asyncio.gather(*(keys.claim("default", "k", "digest", lease=LEASE) for _ in range(10)))
    taken = [claim for claim in claims if isinstance(claim, Claimed)]
    assert isinstance(first, Claimed)
    assert [claim.since for claim in taken] == [first.since]


async def test_work_that_is_handed_over_is_taken_up_at_once_and_keeps_its_time(database: Sessions) -> None:
    keys = IdempotencyRepository(database)
    first = await keys.claim("default", "k", "digest", lease=LEASE)
    assert isinstance(first, Claimed)
    await keys.hand_over("default", "k", first.owner)
    next_one = await keys.claim("default", "k", "digest", lease=LEASE)
    assert isinstance(next_one, Claimed)
    assert next_one.since == first.since


async def test_who_lost_the_work_cannot_answer_any_more(database: Sessions) -> None:
    keys = IdempotencyRepository(database)
    late = await keys.claim("default", "k", "digest", lease=EXPIRED)
    owner = await keys.claim("default", "k", "digest", lease=LEASE)
    assert isinstance(late, Claimed)
    assert isinstance(owner, Claimed)
    await keys.finish("default", "k", late.owner, status=500, headers={}, body=b"late")
    await keys.release("default", "k", late.owner)
    await keys.finish("default", "k", owner.owner, status=202, headers={}, body=b"mine")
    assert await keys.claim("default", "k", "digest", lease=LEASE) == Answered(202, {}, b"mine")


async def test_after_a_day_the_key_means_a_new_request(database: Sessions) -> None:
    keys = IdempotencyRepository(database)
    old = await keys.claim("default", "k", "digest", lease=LEASE)
    async with database.begin() as session:
        await session.execute(text("update idempotency_keys set created_at = now() - interval '25 hours'"))
    new = await keys.claim("default", "k", "other", lease=LEASE)
    assert isinstance(old, Claimed)
    assert isinstance(new, Claimed)
    assert new.since > old.since
    assert await keys.forget() == 0


async def test_what_nobody_remembers_is_removed(database: Sessions) -> None:
    keys = IdempotencyRepository(database)
    await keys.claim("default", "k", "digest", lease=LEASE)
    async with database.begin() as session:
        await session.execute(text("update idempotency_keys set created_at = now() - interval '25 hours'"))
    assert await keys.forget() == 1


async def test_projects_do_not_share_keys(database: Sessions) -> None:
    keys = IdempotencyRepository(database)
    for project in ("mine", "yours"):
        assert isinstance(await keys.claim(project, "k", project, lease=LEASE), Claimed)
