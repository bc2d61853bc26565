"""The ledger: claims and outcomes are durable when their call returns, and written exactly once."""

import asyncio

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from adapters.database.ledger import PostgresLedger, open_ledger
from core.cases import Reply, Usage
from core.claims import Done, Granted
from core.errors import BadAnswer
from core.outcomes import Answered, Failed, ItemKey
from core.work import Batch, Settled, Share
from tests.adapters.database.items import FAILURE, claimed, item, settle


async def counts(engine: AsyncEngine) -> tuple[int, int]:
    async with engine.connect() as connection:
        row = (await connection.execute(text("select answered, failed from run_agents"))).one()
        return row.answered, row.failed


async def test_what_is_settled_need_not_be_asked(ledger: PostgresLedger, share: Share) -> None:
    await settle(ledger, share, item(2))
    await settle(ledger, share, item(3, FAILURE))
    await settle(ledger, share, item(2, trial=1))
    assert await ledger.settled(Batch(share=share, start=0, stop=10)) == (
        {ItemKey(0, 2), ItemKey(0, 3)},
        Settled(answered=1, failed=1),
    )
    assert await ledger.settled(Batch(share=share, start=3, stop=20)) == (
        {ItemKey(0, 3), ItemKey(1, 2)},
        Settled(answered=1, failed=1),
    )


async def test_an_outcome_settled_twice_counts_once(ledger: PostgresLedger, share: Share, engine: AsyncEngine) -> None:
    fence = await claimed(ledger, share, ItemKey(0, 1))
    assert await asyncio.gather(*(ledger.settle(share, fence, item(1)) for _ in range(20))) == [True] * 20
    assert await ledger.claim(share, ItemKey(0, 1)) == Done("answered")
    assert await counts(engine) == (1, 0)


async def test_a_failure_is_replaced_in_a_later_round_only(
    ledger: PostgresLedger, share: Share, engine: AsyncEngine
) -> None:
    await settle(ledger, share, item(1, FAILURE))
    assert await ledger.claim(share, ItemKey(0, 1)) == Done("failed")
    assert await counts(engine) == (0, 1)
    later = share.model_copy(update={"round": 2})
    assert (await ledger.settled(Batch(share=later, start=0, stop=10)))[0] == set()
    await settle(ledger, later, item(1))
    assert await counts(engine) == (1, 0)


async def test_a_claim_stays_open_until_its_outcome_is_known(
    ledger: PostgresLedger, share: Share, engine: AsyncEngine
) -> None:
    answered = await claimed(ledger, share, ItemKey(0, 1))
    retried = await claimed(ledger, share, ItemKey(0, 2))
    unknown = await claimed(ledger, share, ItemKey(0, 3))
    await ledger.settle(share, answered, item(1))
    await ledger.release(share, ItemKey(0, 2), retried, "The connection broke.")
    async with engine.connect() as connection:
        rows = await connection.execute(text("select fence, status, finished_at is not null from attempts"))
        states = {fence: (status, finished) for fence, status, finished in rows}
    assert states == {answered: ("answered", True), retried: ("retried", True), unknown: ("open", False)}


@pytest.mark.parametrize(
    "reply",
    [
        Reply(text="nul: \x00"),
        Reply(text="a count no column holds", usage=Usage(output_tokens=2**31)),
        Reply(text="a number no JSON writer takes", metadata={"seed": 2**70}),
        Reply(text="half a character", metadata={"name": "\ud800"}),
    ],
    ids=lambda reply: reply.text.partition(":")[0],
)
async def test_what_cannot_be_stored_fails_alone(
    ledger: PostgresLedger, share: Share, engine: AsyncEngine, reply: Reply
) -> None:
    poison = item(0, Answered(reply=reply))
    outcomes = await asyncio.gather(
        ledger.settle(share, await claimed(ledger, share, ItemKey(0, 0)), poison),
        *(settle(ledger, share, item(index)) for index in range(1, 10)),
        return_exceptions=True,
    )
    assert isinstance(outcomes[0], BadAnswer)
    assert outcomes[1:] == [True] * 9
    assert await counts(engine) == (9, 0)


async def test_a_failure_is_recorded_whatever_its_message_quotes(
    ledger: PostgresLedger, share: Share, engine: AsyncEngine
) -> None:
    fence = await claimed(ledger, share, ItemKey(0, 1))
    await ledger.release(share, ItemKey(0, 1), fence, "It said \x00.")
    await settle(ledger, share, item(1, Failed(cause="agent", detail="It raised ValueError: \x00 \ud800.", raw="\x00")))
    async with engine.connect() as connection:
        row = (await connection.execute(text("select detail, raw from results"))).one()
    assert tuple(row) == ("It raised ValueError: \\u0000 \\ud800.", "\\u0000")


async def test_answers_survive_a_database_that_drops_every_connection(
    ledger: PostgresLedger, share: Share, engine: AsyncEngine
) -> None:
    many = share.model_copy(update={"case_count": 400})
    settling = [asyncio.create_task(settle(ledger, many, item(index))) for index in range(400)]
    async with engine.connect() as connection:
        for _ in range(10):
            await connection.execute(
                text("select pg_terminate_backend(pid) from pg_stat_activity where pid <> pg_backend_pid()")
            )
            await asyncio.sleep(0.005)
    await asyncio.gather(*settling)
    assert await counts(engine) == (400, 0)


async def test_two_processes_settling_the_same_runs_do_not_wait_for_each_other(
    engine: AsyncEngine, share: Share
) -> None:
    many = share.model_copy(update={"case_count": 600})
    async with open_ledger(engine, "one") as one, open_ledger(engine, "two") as two:
        async with asyncio.timeout(20):
            claims = await asyncio.gather(
                *(settled_by_either(ledger, many, index) for index in range(600) for ledger in (one, two))
            )
    assert sum(claims) == 600
    assert await counts(engine) == (600, 0)


async def settled_by_either(ledger: PostgresLedger, share: Share, case_index: int) -> bool:
    """Whether this ledger got the claim."""
    claim = await ledger.claim(share, ItemKey(0, case_index))
    return isinstance(claim, Granted) and await ledger.settle(share, claim.fence, item(case_index))
