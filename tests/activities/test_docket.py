"""The docket of a batch: verdicts that were paid for are on record before anything else is bought."""

import asyncio
from collections.abc import Sequence

from activities.docket import Docket
from core.outcomes import ItemKey
from core.verdicts import Scored
from core.work import Batch, BatchAnswer, BatchVerdict, Share

SHARE = Share(run_id="run_01m84m0w29eh0vffm165cvf7ed", run_no=1, agent_no=0, case_count=100)


class Record:
    """`core.ports.Verdicts`: what is written while the gate is open, group by group."""

    def __init__(self) -> None:
        self.gate = asyncio.Event()
        self.written: list[list[int]] = []

    async def lacking(self, batch: Batch, evaluators: Sequence[tuple[str, str]]) -> Sequence[BatchAnswer]:
        return []

    async def record(self, share: Share, verdicts: Sequence[BatchVerdict], *, primary: str) -> int:
        await self.gate.wait()
        self.written.append([each.key.case_index for each in verdicts])
        return len(verdicts)


def verdict(case: int) -> BatchVerdict:
    return BatchVerdict(ItemKey(0, case), "judge", "1", Scored(value=1.0))


async def test_what_was_bought_is_durable_before_its_judge_goes_on() -> None:
    record = Record()
    docket = Docket(record, SHARE, primary="judge")
    keeping = asyncio.create_task(docket.keep([verdict(0)]))
    await asyncio.sleep(0)
    assert not keeping.done()
    record.gate.set()
    await keeping
    assert (record.written, docket.evaluated) == ([[0]], 1)


async def test_what_comes_while_one_write_is_on_its_way_goes_with_the_next() -> None:
    record = Record()
    docket = Docket(record, SHARE, primary="judge")
    keeping = [asyncio.create_task(docket.keep([verdict(case)])) for case in range(50)]
    await asyncio.sleep(0)
    record.gate.set()
    await asyncio.gather(*keeping)
    assert sorted(case for group in record.written for case in group) == list(range(50))
    assert len(record.written) <= 2


async def test_rules_verdicts_wait_for_company() -> None:
    record = Record()
    record.gate.set()
    docket = Docket(record, SHARE, primary="judge")
    for case in range(5):
        await docket.add([verdict(case)])
    assert record.written == []
    await docket.flush()
    assert record.written == [[0, 1, 2, 3, 4]]
