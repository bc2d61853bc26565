"""Outcomes to fill a ledger with."""

from adapters.database.ledger import PostgresLedger
from core.cases import Reply, Usage
from core.claims import Granted
from core.outcomes import Answered, Failed, Item, ItemKey, Outcome
from core.work import Share

ANSWER = Answered(reply=Reply(text="4", usage=Usage(input_tokens=3, output_tokens=1), latency_s=0.5))
FAILURE = Failed(cause="timeout", detail="No complete answer within 1 s.")


def item(case_index: int, outcome: Outcome = ANSWER, trial: int = 0) -> Item:
    return Item(key=ItemKey(trial, case_index), case_id=f"case-{case_index}", category=None, outcome=outcome)


async def claimed(ledger: PostgresLedger, share: Share, key: ItemKey) -> int:
    """The fence of a claim that must be granted."""
    claim = await ledger.claim(share, key)
    assert isinstance(claim, Granted)
    return claim.fence


async def settle(ledger: PostgresLedger, share: Share, each: Item) -> bool:
    return await ledger.settle(share, await claimed(ledger, share, each.key), each)
