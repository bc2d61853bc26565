"""The ledger tells what an agent waits for: calls that are out, and questions that must be asked again."""

from sqlalchemy.ext.asyncio import AsyncEngine

from adapters.database.engine import Sessions
from adapters.database.items import ItemRepository
from adapters.database.ledger import PostgresLedger, open_ledger
from core.calls import Waiting
from core.ids import DEFAULT_PROJECT
from core.outcomes import ItemKey
from core.work import Share
from tests.adapters.database.items import claimed, item, settle


async def seen(database: Sessions, share: Share) -> Waiting:
    items = ItemRepository(database)
    [only] = await items.waiting(await items.key(DEFAULT_PROJECT, share.run_id))
    return only


async def test_calls_that_are_out_and_questions_to_be_asked_again_are_told_apart(
    ledger: PostgresLedger, share: Share, database: Sessions
) -> None:
    await settle(ledger, share, item(0))
    await claimed(ledger, share, ItemKey(0, 1))
    for case_index, detail in ((2, "Too many requests (429)."), (3, "The connection was refused.")):
        await ledger.release(
            share, ItemKey(0, case_index), await claimed(ledger, share, ItemKey(0, case_index)), detail
        )
    found = await seen(database, share)
    assert (found.unanswered, found.repeated, found.last_error) == (1, 2, "The connection was refused.")
    assert found.oldest_s is not None
    assert found.said == "2 questions to be asked again; the last call: The connection was refused."


async def test_a_call_of_a_dead_worker_no_longer_counts_once_the_question_was_asked_again(
    ledger: PostgresLedger, share: Share, database: Sessions, engine: AsyncEngine
) -> None:
    async with open_ledger(engine, "dead") as dead:
        await claimed(dead, share, ItemKey(0, 1))
    assert (await seen(database, share)).unanswered == 1
    await settle(ledger, share, item(1))
    assert await seen(database, share) == Waiting(agent_id="agent")


def test_a_call_that_is_out_for_long_is_worth_a_word() -> None:
    assert Waiting(agent_id="a", unanswered=4, oldest_s=1.5).said is None
    said = Waiting(agent_id="a", unanswered=4, oldest_s=42.4).said
    assert said == "4 calls without an answer yet, the oldest for 42 s."
