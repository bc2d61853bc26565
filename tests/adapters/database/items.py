"""Outcomes to fill a ledger with."""

from adapters.database.ledger import PostgresLedger
from core.cases import Reply, Usage
from core.outcomes import Answered, Failed, Item, ItemKey, Outcome
from core.work import Share

ANSWER = Answered(reply=Reply(text="4", usage=Usage(input_tokens=3, output_tokens=1), latency_s=0.5))
FAILURE = Failed(cause="timeout", detail="No complete answer within 1 s.")


def item(case_index: int, outcome: Outcome = ANSWER, trial: int = 0) -> Item:
    return Item(key=ItemKey(trial, case_index), case_id=f"case-{case_index}", category=None, outcome=outcome)


async def settle(ledger: PostgresLedger, share: Share, each: Item) -> None:
    await ledger.settle(share, await ledger.claim(share, each.key), each)
