"""Leases: who may send a call, what becomes of a lost one, and what of an answer that comes too late."""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from adapters.database.ledger import PostgresLedger, open_ledger
from adapters.database.runs import RunRepository
from core.cases import Reply, Usage
from core.claims import NO_CALL, Granted, Held, Lost
from core.outcomes import Answered, Failed, ItemKey
from core.runs import LedgerTotals
from core.work import Batch, Settled, Share
from tests.adapters.database.items import FAILURE, claimed, item, settle

FIRST = ItemKey(0, 0)
UNKNOWN = Failed(cause="unknown", detail="Nobody knows.")
LATE = Answered(reply=Reply(text="4, at last", usage=Usage(input_tokens=30, output_tokens=5), cost_usd=0.25))


@asynccontextmanager
async def frozen(engine: AsyncEngine) -> AsyncGenerator[PostgresLedger]:
    """The ledger of a process that is stopped: the database sees its lease run out whenever `stop` is called."""
    async with open_ledger(engine, "frozen") as ledger:
        yield ledger


async def stop(engine: AsyncEngine, owner: str) -> None:
    """As if this process had not renewed its lease in time, on the database's clock."""
    await run(engine, f"update owners set leased_until = now() - interval '1 second' where owner like '{owner}#%'")


async def run(engine: AsyncEngine, statement: str) -> None:
    async with engine.begin() as connection:
        await connection.execute(text(statement))


async def attempts(engine: AsyncEngine) -> Sequence[tuple[Any, ...]]:
    async with engine.connect() as connection:
        rows = await connection.execute(text("select number, status from attempts order by case_index, number"))
        return [tuple(row) for row in rows]


async def totals(engine: AsyncEngine, share: Share) -> LedgerTotals:
    return (await RunRepository(engine).get(share.run_id)).ledger


async def test_a_process_that_died_right_before_the_clock_was_set_back_holds_no_claim_until_the_hour_comes_again(
    ledger: PostgresLedger, share: Share, engine: AsyncEngine
) -> None:
    async with frozen(engine) as other:
        await claimed(other, share, FIRST)
        assert isinstance(await ledger.claim(share, FIRST), Held)
        await run(engine, "update owners set leased_until = now() + interval '1 hour' where owner like 'frozen#%'")
        assert isinstance(await ledger.claim(share, FIRST), Granted)
    assert await attempts(engine) == [(1, "unknown"), (2, "open")]


async def test_while_a_call_is_out_nobody_else_may_send_one(
    ledger: PostgresLedger, share: Share, engine: AsyncEngine
) -> None:
    fence = await claimed(ledger, share, FIRST)
    async with open_ledger(engine, "other") as other:
        assert isinstance(await other.claim(share, FIRST), Held)
        assert isinstance(await ledger.claim(share, FIRST), Held), "another attempt in the same process"
        await ledger.release(share, FIRST, fence, "The connection broke.")
        assert isinstance(await other.claim(share, FIRST), Granted)


async def test_of_many_who_claim_at_once_one_gets_the_call(share: Share, engine: AsyncEngine) -> None:
    async with open_ledger(engine, "one") as one, open_ledger(engine, "two") as two:
        claims = await asyncio.gather(*(each.claim(share, FIRST) for _ in range(20) for each in (one, two)))
    assert sum(isinstance(claim, Granted) for claim in claims) == 1
    assert sum(isinstance(claim, Held) for claim in claims) == 39
    assert await attempts(engine) == [(1, "open")]


async def test_a_lost_call_is_sent_again_once_and_a_second_loss_fails_the_question(
    ledger: PostgresLedger, share: Share, engine: AsyncEngine
) -> None:
    for _ in range(2):
        async with open_ledger(engine, "mortal") as mortal:
            await claimed(mortal, share, FIRST)
    assert await ledger.claim(share, FIRST) == Lost(2)
    assert await ledger.settle(share, NO_CALL, item(0, UNKNOWN))
    assert await attempts(engine) == [(1, "unknown"), (2, "unknown")]
    assert await totals(engine, share) == LedgerTotals(unknown_calls=2, resent_calls=1)
    later = share.model_copy(update={"round": 2})
    assert isinstance(await ledger.claim(later, FIRST), Granted), "who retries wants it asked again"


async def test_at_most_once_never_sends_a_lost_call_again(
    ledger: PostgresLedger, share: Share, engine: AsyncEngine
) -> None:
    async with open_ledger(engine, "mortal") as mortal:
        await claimed(mortal, share, FIRST)
    assert await ledger.claim(share, FIRST, delivery="at_most_once") == Lost(1)
    assert await ledger.settle(share, NO_CALL, item(0, UNKNOWN))
    later = share.model_copy(update={"round": 2})
    assert await ledger.claim(later, FIRST, delivery="at_most_once") == Lost(1), "not even in a retry"
    assert await totals(engine, share) == LedgerTotals(unknown_calls=1)


async def test_a_question_that_lost_a_call_and_got_its_answer_is_recovered(
    ledger: PostgresLedger, share: Share, engine: AsyncEngine
) -> None:
    async with open_ledger(engine, "mortal") as mortal:
        await claimed(mortal, share, FIRST)
        await claimed(mortal, share, ItemKey(0, 1))
    assert await settle(ledger, share, item(0))
    assert await settle(ledger, share, item(1, FAILURE))
    assert await settle(ledger, share, item(2))
    assert await totals(engine, share) == LedgerTotals(unknown_calls=2, resent_calls=2, recovered_cases=1)


async def test_an_answer_whose_claim_was_taken_over_is_kept_and_never_counts(
    ledger: PostgresLedger, share: Share, engine: AsyncEngine
) -> None:
    async with frozen(engine) as stopped:
        fence = await claimed(stopped, share, FIRST)
        await stop(engine, "frozen")
        mine = await claimed(ledger, share, FIRST)
        assert not await stopped.settle(share, fence, item(0, LATE)), "before the other is answered"
        assert await ledger.settle(share, mine, item(0))
        assert not await stopped.settle(share, fence, item(0, LATE)), "nor after it"
    async with engine.connect() as connection:
        [result] = (await connection.execute(text("select text, calls from results"))).all()
        late = (await connection.execute(text("select * from attempts where status = 'late'"))).one()
    assert tuple(result) == ("4", 2)
    assert (late.number, late.detail, late.input_tokens, late.cost_usd) == (1, "4, at last", 30, 0.25)
    assert await totals(engine, share) == LedgerTotals(
        unknown_calls=1, resent_calls=1, recovered_cases=1, late_answers=1, wasted_tokens=35, wasted_usd=0.25
    )


async def test_a_stopped_process_whose_claims_nobody_took_still_counts(share: Share, engine: AsyncEngine) -> None:
    async with frozen(engine) as stopped:
        fence = await claimed(stopped, share, FIRST)
        await stop(engine, "frozen")
        assert await stopped.settle(share, fence, item(0))
        assert await stopped.settled(Batch(share=share, start=0, stop=10)) == ({FIRST}, Settled(answered=1))


async def test_a_process_without_a_lease_claims_nothing_before_it_has_renewed(
    share: Share, engine: AsyncEngine
) -> None:
    async with open_ledger(engine, "slow") as slow:
        await claimed(slow, share, FIRST)
        await stop(engine, "slow")
        async with engine.begin() as connection:
            await connection.execute(text("lock table owners in exclusive mode"))
            claiming = asyncio.create_task(slow.claim(share, ItemKey(0, 1)))
            await asyncio.sleep(0.3)
            assert not claiming.done()
            assert await connection.scalar(text("select count(*) from attempts")) == 1
        assert isinstance(await claiming, Granted), "at once, not with the next renewal"


async def test_a_process_knows_by_its_own_clock_that_its_lease_ran_out(share: Share, engine: AsyncEngine) -> None:
    async with open_ledger(engine, "cut off", lease_s=1.0) as ledger:
        await claimed(ledger, share, FIRST)
        assert not ledger.fenced
        # Nobody can write to the table: the renewals wait as they do when the database is out of reach.
        async with engine.begin() as connection:
            await connection.execute(text("lock table owners in exclusive mode"))
            await asyncio.sleep(1.2)
            assert ledger.fenced
        assert isinstance(await ledger.claim(share, ItemKey(0, 1)), Granted)
        assert not ledger.fenced


async def test_a_clean_end_gives_the_lease_back_at_once(
    ledger: PostgresLedger, share: Share, engine: AsyncEngine
) -> None:
    async with open_ledger(engine, "leaving") as leaving:
        await claimed(leaving, share, FIRST)
        assert isinstance(await ledger.claim(share, FIRST), Held)
    assert isinstance(await ledger.claim(share, FIRST), Granted)


async def test_a_claim_is_granted_though_its_answer_was_lost_with_the_connection(
    ledger: PostgresLedger, share: Share, engine: AsyncEngine
) -> None:
    many = share.model_copy(update={"case_count": 400})
    claiming = [asyncio.create_task(ledger.claim(many, ItemKey(0, index))) for index in range(400)]
    async with engine.connect() as connection:
        for _ in range(10):
            await connection.execute(
                text("select pg_terminate_backend(pid) from pg_stat_activity where pid <> pg_backend_pid()")
            )
            await asyncio.sleep(0.005)
    claims = await asyncio.gather(*claiming)
    assert all(isinstance(claim, Granted) for claim in claims)
    assert await attempts(engine) == [(1, "open")] * 400


async def test_a_claim_that_nobody_will_settle_is_lost_though_its_process_lives(
    ledger: PostgresLedger, share: Share, engine: AsyncEngine
) -> None:
    ledger.abandon(await claimed(ledger, share, FIRST))
    assert await settle(ledger, share, item(0))
    assert await attempts(engine) == [(1, "unknown"), (2, "answered")]
    assert await totals(engine, share) == LedgerTotals(unknown_calls=1, resent_calls=1, recovered_cases=1)


async def test_an_unsent_claim_is_no_call(ledger: PostgresLedger, share: Share, engine: AsyncEngine) -> None:
    await ledger.release(share, FIRST, await claimed(ledger, share, FIRST), "Stopped before.", sent=False)
    await settle(ledger, share, item(0))
    async with engine.connect() as connection:
        assert await connection.scalar(text("select calls from results")) == 1
    assert await attempts(engine) == [(1, "unsent"), (2, "answered")]
