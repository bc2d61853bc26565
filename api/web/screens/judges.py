"""`/ui/judges`: how far judges agree with people."""

from typing import Any, Final

from fastapi import APIRouter, Response

from api.calibrating import settled
from api.figures import NOT_KNOWN, share
from api.routing import GuardedRoute
from api.sessions import PAGES
from api.web.asked import CursorField
from api.web.shell import ResultsViewer
from api.web.written import written
from core.calibrations import Calibration, CalibrationReport, Kappa

SIZE: Final = 50
SHADES: Final = 10

router = APIRouter(include_in_schema=False, route_class=GuardedRoute)


@router.get(f"{PAGES}/judges")
async def show_judges(screen: ResultsViewer, cursor: CursorField = None) -> Response:
    page = await screen.services.calibrations.page(screen.project_id, limit=SIZE, cursor=cursor)
    return screen.show(
        "judges.html",
        title="Judges",
        rows=[_row(each) for each in page.items],
        **screen.pager(cursor, page.next_cursor),
    )


@router.get(PAGES + "/judges/{calibration_id}")
async def show_calibration(screen: ResultsViewer, calibration_id: str) -> Response:
    services = screen.services
    found = await settled(services, await services.calibrations.get(screen.project_id, calibration_id))
    return screen.show(
        "judge.html",
        title=f"Judge {found.request.name}",
        calibration=found,
        report=found.report,
        agreements=_agreements(found.report) if found.report else [],
        confusion=_confusion(found.report) if found.report else [],
        definition=written(found.request.judge),
    )


def _row(calibration: Calibration) -> dict[str, Any]:
    return {"calibration": calibration, "kappa": _kappa(calibration.report.kappa if calibration.report else None)}


def _kappa(kappa: Kappa | None) -> str:
    return NOT_KNOWN if kappa is None else f"{kappa.value:.2f} ({kappa.low:.2f} to {kappa.high:.2f})"


def _agreements(report: CalibrationReport) -> list[tuple[str, str]]:
    told, agreed = NOT_KNOWN, report.agreement
    if agreed is not None:
        told = f"{share(agreed.value)} ({share(agreed.low)} to {share(agreed.high)})"
    stable = report.position.stable if report.position else None
    return [
        ("Agreement with people's majority", told),
        ("Cohen's kappa", _kappa(report.kappa)),
        ("Weighted kappa, on a scale", _kappa(report.weighted_kappa)),
        ("Fleiss' kappa of people among themselves", _kappa(report.people_kappa)),
        ("The same with the judge as one more", _kappa(report.joint_kappa)),
        ("Verdicts that stay when places are swapped", NOT_KNOWN if stable is None else share(stable.value)),
    ]


def _confusion(report: CalibrationReport) -> list[dict[str, Any]]:
    """By people's verdict a row, by the judge's a cell, with the shade of its share of the row."""
    rows: list[dict[str, Any]] = []
    for label in report.labels:
        counts = [report.confusion.get(label, {}).get(other, 0) for other in report.labels]
        total = sum(counts) or 1
        cells = [{"count": each, "level": min(SHADES - 1, int(SHADES * each / total))} for each in counts]
        rows.append({"label": label, "cells": cells})
    return rows
