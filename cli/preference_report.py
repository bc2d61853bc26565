"""Whose answers judges prefer, to read."""

from collections.abc import Iterator, Sequence

from rich.box import SIMPLE_HEAD
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from cli.figures import NOT_KNOWN, interval, money, share, thousands
from core.preferences import Match, Preference, PreferenceReport, Standing, WinRate


def preferences_table(preferences: Sequence[Preference]) -> Table:
    table = Table(box=None, pad_edge=False)
    for column in ("run", "name", "status", "contestants"):
        table.add_column(column, overflow="fold", no_wrap=column == "run")
    for one in preferences:
        table.add_row(one.run_id, Text(one.name), one.status, Text(", ".join(each.name for each in one.contestants)))
    return table


def preference_text(preference: Preference) -> RenderableType:
    heading = Text.assemble((preference.name, "bold"), f"  {preference.run_id}")
    report = preference.report
    if report is None:
        return Group(heading, Text(f"Its run is {preference.status}; the report comes with its end."))
    return Group(heading, Text(report.sentence), *_standings(report), _matches(report), *_remarks(report))


def _standings(report: PreferenceReport) -> Iterator[RenderableType]:
    if len(report.standings) < 3:
        return
    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    table.add_column("contestant", overflow="fold")
    for column in ("rating", "95 % interval", "wins", "pairs"):
        table.add_column(column, justify="right")
    for one in report.standings:
        table.add_row(
            Text(one.contestant.name),
            thousands(one.rating),
            _points(one),
            share(one.win_rate),
            thousands(one.pairs),
        )
    yield table
    if report.unrated:
        yield Text(report.unrated)


def _range(rate: WinRate | None) -> str:
    if rate is None or rate.low is None or rate.high is None:
        return NOT_KNOWN
    return f"{share(rate.low)} to {share(rate.high)}"


def _points(one: Standing) -> str:
    return NOT_KNOWN if one.low is None or one.high is None else f"{one.low:,.0f} to {one.high:,.0f}"


def _matches(report: PreferenceReport) -> Table:
    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    table.add_column("first", overflow="fold")
    table.add_column("second", overflow="fold")
    for column in ("first wins", "95 % interval", "at equal length", "won", "tied", "lost", "p"):
        table.add_column(column, justify="right", overflow="fold")
    for match in report.matches:
        table.add_row(
            Text(match.first, style="bold" if match.finding == "first" else ""),
            Text(match.second, style="bold" if match.finding == "second" else ""),
            share(match.win_rate.value if match.win_rate else None),
            _range(match.win_rate),
            share(match.length_controlled.value if match.length_controlled else None),
            *(thousands(count) for count in (match.wins, match.ties, match.losses)),
            f"{match.adjusted_p:.2g}",
        )
    return table


def _remarks(report: PreferenceReport) -> Iterator[Text]:
    for name, what in (
        ("unanswered", "a side has no answer"),
        ("undecided", "the judges abstained or did not agree"),
        ("missing", "no judge could be had; `benchmark runs retry` judges them"),
    ):
        if count := sum(_count(match, name) for match in report.matches):
            yield Text(f"{thousands(count)} pairs left out: {what}.")
    if (place := report.position) is not None:
        yield Text(
            f"Same verdict with places swapped: {share(place.stable.value)} ({interval(place.stable, None)}); "
            f"named whoever stood first {place.first} times, second {place.second} times."
        )
    yield Text(
        f"Judged by {', '.join(report.models) or 'nobody'} over {thousands(report.cases)} cases: "
        f"{thousands(report.spent.calls)} calls, {money(report.spent.cost_usd)}."
    )


def _count(match: Match, name: str) -> int:
    return int(getattr(match, name))
