"""What of a run does not change within a round, kept at hand for its many batches."""

from collections import OrderedDict
from typing import NamedTuple

from core.benchmarks import BenchmarkDefinition
from core.errors import Conflict
from core.ports import RunRecords
from core.work import Share

MOST_KEPT = 64


class Prepared(NamedTuple):
    config: BenchmarkDefinition
    case_set: str
    """The digest of the run's cases."""
    project_id: str


class PreparedRuns:
    """Reads each run once a round: a definition may hold thousands of rows, and a run has thousands of batches."""

    def __init__(self, runs: RunRecords) -> None:
        self._runs = runs
        self._kept: OrderedDict[tuple[str, int], Prepared] = OrderedDict()

    async def get(self, share: Share) -> Prepared:
        """Raises NotFound, and Conflict for a run without cases."""
        key = (share.run_id, share.round)
        if key not in self._kept:
            run = await self._runs.get(share.run_id)
            if run.case_set is None:
                raise Conflict(f"The run {share.run_id} has no cases yet; prepare it first.")
            self._kept[key] = Prepared(run.config, run.case_set, run.project_id)
        self._kept.move_to_end(key)
        while len(self._kept) > MOST_KEPT:
            self._kept.popitem(last=False)
        return self._kept[key]
