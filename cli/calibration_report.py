"""How a judge agrees with people, to read."""

from collections.abc import Iterator, Sequence

from rich.box import SIMPLE_HEAD
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from cli.figures import NOT_KNOWN, interval, money, share, thousands
from core.calibrations import Calibration, CalibrationReport, Kappa


def calibrations_table(calibrations: Sequence[Calibration]) -> Table:
    table = Table(box=None, pad_edge=False)
    for column in ("calibration", "name", "status", "texts", "agreement", "kappa"):
        table.add_column(column, overflow="fold", no_wrap=column == "calibration")
    for one in calibrations:
        report = one.report
        table.add_row(
            one.calibration_id,
            Text(one.request.name),
            one.status,
            thousands(report.judged) if report else NOT_KNOWN,
            share(report.agreement.value) if report and report.agreement else NOT_KNOWN,
            _kappa(report.kappa) if report else NOT_KNOWN,
        )
    return table


def calibration_text(calibration: Calibration) -> RenderableType:
    heading = Text.assemble((calibration.request.name, "bold"), f"  {calibration.calibration_id}")
    judges = ", ".join(str(judge.get("model") or judge["kind"]) for judge in calibration.identity.judges)
    who = Text(f"Judged by {judges}; prompt {calibration.identity.prompt[:12]}", style="dim")
    if calibration.report is None:
        return Group(heading, who, Text(f"Its run is {calibration.status}; the report comes with its end."))
    return Group(
        heading, who, _figures(calibration.report), Text("People below, the judge across"), _matrix(calibration.report)
    )


def _figures(report: CalibrationReport) -> Table:
    table = Table(box=SIMPLE_HEAD, pad_edge=False, show_header=False)
    table.add_column(overflow="fold")
    table.add_column(justify="right")
    for name, figure in _lines(report):
        table.add_row(name, figure)
    return table


def _lines(report: CalibrationReport) -> Iterator[tuple[str, str]]:
    yield "texts judged", f"{thousands(report.judged)} of {thousands(report.items)}"
    for name, count in (
        ("the judge abstained", report.abstained),
        ("no judge could be had", report.missing),
        ("people were split", report.split),
    ):
        if count:
            yield name, thousands(count)
    if report.agreement:
        yield "agreement with people", f"{share(report.agreement.value)}  ({interval(report.agreement, None)})"
    yield "Cohen's kappa with people", _kappa(report.kappa)
    if len(report.labels) > 2:
        yield "  with quadratic weights", _kappa(report.weighted_kappa)
    if report.people_kappa:
        yield "Fleiss' kappa of people among themselves", _kappa(report.people_kappa)
        yield "Fleiss' kappa with the judge as one of them", _kappa(report.joint_kappa)
    yield from _biases(report)
    yield "calls, cost", f"{thousands(report.spent.calls)}, {money(report.spent.cost_usd)}"


def _biases(report: CalibrationReport) -> Iterator[tuple[str, str]]:
    if (place := report.position) is not None:
        yield "same verdict with places swapped", f"{share(place.stable.value)}  ({interval(place.stable, None)})"
        yield "  named the first both times, the second", f"{place.first}, {place.second}"
    if (length := report.length) is not None:
        yield (
            "prefers the longer text: judge, people",
            f"{share(length.judge_prefers_longer.value)}, {share(length.people_prefer_longer.value)}",
        )
        yield "  difference", f"{length.difference:+.1%}  ({length.low:+.1%} to {length.high:+.1%})"
    if (pull := report.length_correlation) is not None:
        yield "length against the judge's excess (Spearman)", f"{pull.value:+.2f}  (p = {pull.p_value:.2g})"


def _matrix(report: CalibrationReport) -> Table:
    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    table.add_column("people", overflow="fold")
    for label in report.labels:
        table.add_column(label, justify="right", overflow="fold")
    for people in report.labels:
        table.add_row(people, *(thousands(report.confusion[people][judge]) for judge in report.labels))
    return table


def _kappa(kappa: Kappa | None) -> str:
    return NOT_KNOWN if kappa is None else f"{kappa.value:.2f}  ({kappa.low:.2f} to {kappa.high:.2f})"
