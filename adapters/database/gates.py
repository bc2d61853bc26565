"""What gates said of runs."""

from collections.abc import Sequence
from typing import cast

from sqlalchemy import String, any_, bindparam, select
from sqlalchemy.dialects.postgresql import ARRAY

from adapters.database.comparison_tables import GateRow
from adapters.database.engine import Sessions
from adapters.database.outbox import announce
from adapters.database.tables import RunRow
from core.errors import NotFound
from core.events import EventType
from core.gates import Gate, GateVerdict

APART = {"gate_id", "project_id", "run_id", "verdict", "created_at"}
"""Fields that have columns of their own."""
VERDICTS: dict[GateVerdict, EventType] = {
    "passed": EventType.GATE_PASSED,
    "failed": EventType.GATE_FAILED,
    "inconclusive": EventType.GATE_INCONCLUSIVE,
}
LAST_VERDICTS = (
    select(GateRow.run_id, GateRow.verdict)
    .join(RunRow, RunRow.run_id == GateRow.run_id)
    .where(GateRow.run_id == any_(bindparam("run_ids", type_=ARRAY(String))), GateRow.created_at >= RunRow.completed_at)
    .order_by(GateRow.created_at, GateRow.gate_id)
)


class GateRepository:
    def __init__(self, sessions: Sessions) -> None:
        self._sessions = sessions

    async def add(self, gate: Gate) -> None:
        row = GateRow(
            gate_id=gate.gate_id,
            project_id=gate.project_id,
            run_id=gate.run_id,
            verdict=gate.verdict,
            content=gate.model_dump(mode="json", exclude=APART),
            created_at=gate.created_at,
        )
        async with self._sessions.begin() as session:
            session.add(row)
            announce(
                session,
                VERDICTS[gate.verdict],
                project_id=gate.project_id,
                subject=gate.run_id,
                source=f"/v1/runs/{gate.run_id}/gate",
                run_id=gate.run_id,
                data={"gate_id": gate.gate_id, "name": gate.policy.name},
            )

    async def newest(self, project_id: str, run_id: str) -> Gate:
        """The last judgement of the run. Raises NotFound when there is none."""
        row = GateRow
        query = select(row).where(row.project_id == project_id, row.run_id == run_id)
        async with self._sessions() as session:
            found = await session.scalar(query.order_by(row.created_at.desc(), row.gate_id.desc()).limit(1))
        if found is None:
            raise NotFound(f"The run {run_id!r} was not judged by a gate yet; POST a policy here.")
        return Gate.model_validate({**found.content, **{name: getattr(found, name) for name in APART}})

    async def verdicts(self, run_ids: Sequence[str]) -> dict[str, GateVerdict]:
        """The last verdict on each of these runs as it ended; none of one that went on since."""
        told = {"run_ids": list(run_ids)}
        async with self._sessions() as session:
            # The later of two takes the place of the earlier.
            return {
                run_id: cast("GateVerdict", verdict) for run_id, verdict in await session.execute(LAST_VERDICTS, told)
            }
