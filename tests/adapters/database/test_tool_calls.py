"""Calls of tools are kept with the answer: evaluators and readers of results get them back as they were made."""

from sqlalchemy.ext.asyncio import AsyncEngine

from adapters.database.engine import Sessions
from adapters.database.items import ItemRepository
from adapters.database.ledger import PostgresLedger
from adapters.database.verdicts import PostgresVerdicts
from core.cases import Reply, ToolCall
from core.ids import DEFAULT_PROJECT
from core.outcomes import Answered
from core.work import Batch, Share
from tests.adapters.database.items import FAILURE, item, settle

CALLS = (
    ToolCall(name="geometry.area", arguments={"base": 10, "sides": [3, 4.5], "unit": None}),
    ToolCall(name="stop", arguments="{broken"),
)


async def test_calls_come_back_to_evaluators_and_to_readers(
    engine: AsyncEngine, database: Sessions, ledger: PostgresLedger, share: Share
) -> None:
    await settle(ledger, share, item(0, Answered(reply=Reply(text="", tool_calls=CALLS, metadata={"steps": 3}))))
    await settle(ledger, share, item(1))
    await settle(ledger, share, item(2, FAILURE))
    lacking = await PostgresVerdicts(engine).lacking(Batch(share=share, start=0, stop=10), [("tool_call", "1")])
    assert [answer.reply.tool_calls for answer in lacking] == [CALLS, ()]
    assert lacking[0].reply.metadata == {"steps": 3}
    items = ItemRepository(database)
    key = await items.key(DEFAULT_PROJECT, share.run_id)
    read = [(await items.get(key, "agent", case_index, 0)).tool_calls for case_index in range(3)]
    assert read == [CALLS, None, None]
