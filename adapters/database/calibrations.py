"""Stored calibrations of judges, each beside the run that makes it."""

from pydantic import AwareDatetime, TypeAdapter
from sqlalchemy import Select, select, tuple_, update

from adapters.database.calibration_tables import CalibrationRow
from adapters.database.cursors import Cursor
from adapters.database.engine import Sessions
from adapters.database.tables import RunRow
from core.calibrations import Calibration, CalibrationReport, CalibrationRequest, JudgeIdentity
from core.errors import NotFound
from core.pages import Page
from core.runs import RunStatus

CALIBRATIONS = Cursor("calibrations", tuple[AwareDatetime, str])
RUN_STATUS: TypeAdapter[RunStatus] = TypeAdapter(RunStatus)


class CalibrationRepository:
    def __init__(self, sessions: Sessions) -> None:
        self._sessions = sessions

    async def add(
        self, project_id: str, calibration_id: str, run_id: str, request: CalibrationRequest, identity: JudgeIdentity
    ) -> Calibration:
        """Its run must be recorded. Adding the same id again changes nothing."""
        async with self._sessions.begin() as session:
            if await session.get(CalibrationRow, calibration_id) is None:
                session.add(
                    CalibrationRow(
                        calibration_id=calibration_id,
                        project_id=project_id,
                        run_id=run_id,
                        judge=identity.digest,
                        request={"asked": request.model_dump(mode="json"), "judge": identity.model_dump(mode="json")},
                    )
                )
        return await self.get(project_id, calibration_id)

    async def get(self, project_id: str, calibration_id: str) -> Calibration:
        """Raises NotFound, also for one of another project."""
        query = _selected(project_id).where(CalibrationRow.calibration_id == calibration_id)
        async with self._sessions() as session:
            found = (await session.execute(query)).one_or_none()
        if found is None:
            raise NotFound(f"There is no calibration {calibration_id!r}.")
        return _calibration(*found)

    async def page(
        self, project_id: str, *, limit: int, cursor: str | None = None, judge: str | None = None
    ) -> Page[Calibration]:
        """The newest first; with `judge` (a digest) only that one's."""
        row = CalibrationRow
        query = _selected(project_id)
        if judge is not None:
            query = query.where(row.judge == judge)
        if (after := CALIBRATIONS.decode(cursor)) is not None:
            query = query.where(tuple_(row.created_at, row.calibration_id) < after)
        query = query.order_by(row.created_at.desc(), row.calibration_id.desc()).limit(limit + 1)
        async with self._sessions() as session:
            found = [_calibration(*each) for each in await session.execute(query)]
        return CALIBRATIONS.page(found, limit, lambda one: (one.created_at, one.calibration_id))

    async def keep_report(self, calibration_id: str, report: CalibrationReport) -> None:
        row = CalibrationRow
        content = report.model_dump(mode="json")
        async with self._sessions.begin() as session:
            await session.execute(update(row).where(row.calibration_id == calibration_id).values(report=content))


def _selected(project_id: str) -> Select[CalibrationRow, str]:
    row = CalibrationRow
    return select(row, RunRow.status).join(RunRow, RunRow.run_id == row.run_id).where(row.project_id == project_id)


def _calibration(row: CalibrationRow, status: str) -> Calibration:
    return Calibration(
        calibration_id=row.calibration_id,
        project_id=row.project_id,
        run_id=row.run_id,
        status=RUN_STATUS.validate_python(status),
        identity=JudgeIdentity.model_validate(row.request["judge"]),
        request=CalibrationRequest.model_validate(row.request["asked"]),
        report=None if row.report is None else CalibrationReport.model_validate(row.report),
        created_at=row.created_at,
    )
