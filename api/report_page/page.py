"""A report as one HTML file: everything in it, nothing remote, no script, whatever the texts in it say."""

import base64
import hashlib
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any, Final, cast

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from api.charts.svg import element, line, series
from api.report_page import agent_rows, contest_rows, figures, origin_rows, outcome_rows, spread_rows
from core.causes import MEANINGS
from core.reports import Report
from core.runs import ENDED, Run

HERE: Final = Path(__file__).parent
TONES: Final = {
    "passed": "good", "failed": "bad", "inconclusive": "open", "valid": "good", "partial": "open", "invalid": "bad",
    "completed": "good", "cancelled": "open", "regression": "bad", "no_regression": "good",
}  # fmt: skip
CHOSEN: Final = {"disagreement": "agents disagree", "all wrong": "nobody was right", "wrong": "wrong"}
SECTIONS: Final = (
    ("answer", "Answer", None),
    ("coverage", "Coverage", None),
    ("agents", "Agents", "figures"),
    ("categories", "Categories", "heat"),
    ("differences", "Differences", "contests"),
    ("latency", "Latency", "latency"),
    ("cost", "Cost", "spending"),
    ("scores", "Scores", "histograms"),
    ("trials", "Trials", "trials"),
    ("preference", "Head to head", "preference"),
    ("judges", "Judges", "judges"),
    ("gate", "Demands", "demands"),
    ("questions", "Questions", "questions"),
    ("receipts", "Receipts", None),
    ("origin", "Made of", None),
)
"""Anchor, title, and what must not be empty for the section to be there."""


@cache
def style() -> str:
    return (HERE / "style.css").read_text()


@cache
def policy() -> str:
    """The content security policy of the page: its own style and nothing else."""
    digest = base64.b64encode(hashlib.sha256(style().encode()).digest()).decode()
    return f"default-src 'none'; style-src 'sha256-{digest}'; img-src data:; base-uri 'none'; form-action 'none'"


def report_page(report: Report, *, release: str) -> str:
    """The HTML of it."""
    return _environment().get_template("report.html").render(_context(report, release))


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    for name in ("share", "points", "seconds", "dollars", "count", "moment", "readable"):
        environment.filters[name] = getattr(figures, name)
    # The style is ours and is never escaped: its digest is in the policy.
    known: dict[str, Any] = {"style": Markup(style()), "policy": policy(), "dash": figures.NOT_KNOWN, "tones": TONES}
    known |= {"chosen": CHOSEN, "many": _many, "key": _key, "line_key": _line_key}
    known["meanings"] = {cause: meaning.when for cause, meaning in MEANINGS.items()}
    cast("dict[str, Any]", environment.globals).update(known)
    return environment


def _context(report: Report, release: str) -> dict[str, Any]:
    run, found = report.run, report.findings
    # Of a run of matches the figures are win rates, and stand with the matches.
    agents = () if report.preference is not None else run.agents
    context: dict[str, Any] = {
        **_head(report),
        **_agents(report),
        **_spread(report),
        "release": release,
        "contests": found.contests,
        "forest": contest_rows.forest(found.contests),
        "forest_span": contest_rows.forest_span(found.contests),
        "crossings": contest_rows.crossings(found.contests, trials=run.config.trials),
        "resources": contest_rows.resources(found.contests),
        "preference": report.preference if report.preference and report.preference.report else None,
        "matches": [],
        "judges": origin_rows.judges(report),
        "demands": report.gate or report.check,
        "questions": found.cases,
        "receipts": outcome_rows.receipts(run),
        "origin": origin_rows.origin(run, report.manifest),
        "prompts": origin_rows.prompts(run) if agents else [],
    }
    if report.preference and (told := report.preference.report):
        context |= {"matches": contest_rows.matches(told)}
    return context | {"contents": list(_contents(context))}


def _contents(context: dict[str, Any]) -> Iterator[tuple[str, str]]:
    for anchor, title, needs in SECTIONS:
        if needs is None or context[needs]:
            yield anchor, title


def _head(report: Report) -> dict[str, Any]:
    run = report.run
    return {
        "report": report,
        "run": run,
        "over": run.status in ENDED,
        "status_tone": TONES.get(run.status, ""),
        "validity_tone": TONES.get(run.validity or "", ""),
        "gate_tone": TONES.get(report.gate.verdict, "") if report.gate else "",
        "outcomes": outcome_rows.outcomes(run),
        "spent": outcome_rows.spent(run),
        "unpriced": outcome_rows.unpriced(run),
        "took": figures.duration(run.started_at, run.completed_at or report.made_at),
    }


def _agents(report: Report) -> dict[str, Any]:
    run = report.run
    agents = () if report.preference is not None else run.agents
    labels = [each.label for each in run.config.evaluators]
    heat, heat_agents, left_out = agent_rows.heat(agents)
    return {
        "figures": agent_rows.figures(agents),
        "right_or_wrong": agent_rows.is_right_or_wrong(agents),
        "deciding": labels[0],
        "ranks": agent_rows.ranks(report.findings.standings),
        "evaluators": labels,
        "by_evaluator": agent_rows.by_evaluator(agents, labels),
        "composed": agent_rows.is_composed(agents),
        "heat": heat,
        "heat_agents": heat_agents,
        "heat_left_out": left_out,
        "methods": _methods(run),
    }


def _spread(report: Report) -> dict[str, Any]:
    run, found = report.run, report.findings
    numbers = {agent.agent_id: number for number, agent in enumerate(run.agents)}
    plain = report.preference is None
    return {
        "latency": spread_rows.latency(run, found, numbers) if plain else None,
        "spending": spread_rows.spending(run) if plain else [],
        "pareto": spread_rows.pareto(run, numbers) if plain else None,
        "histograms": spread_rows.histograms(found, numbers) if plain else [],
        "histogram_rows": spread_rows.histogram_rows(found),
        "trials": spread_rows.trials(run, found) if plain else [],
    }


def _methods(run: Run) -> dict[str, str]:
    """How the intervals were made: of what the agents' figures are."""
    if agent_rows.is_right_or_wrong(run.agents):
        score = "Intervals of shares: 95 %, Wilson's score interval"
        if run.config.trials > 1 or any(agent.metrics and agent.metrics.clusters for agent in run.agents):
            score += " of the effective sample size, in which a question (or a cluster of them) counts once at most"
    else:
        score = (
            "Intervals of mean scores: 95 %, Student's t over questions (or their clusters); Wilson's where that would "
            "leave 0 to 1"
        )
    others = (
        "Latency: 95 % intervals of percentiles by order statistics. Tokens and cost of an answer: 95 %, by the "
        "bootstrap (BCa) over questions, beyond 500 questions Student's t."
    )
    return {"score": f"{score}.", "others": others}


def _many(number: int, one: str) -> str:
    """`1 agent`, `2 agents`, `3 smaller categories`."""
    several = f"{one[:-1]}ies" if one.endswith("y") else f"{one}s"
    return f"{number:,} {one if number == 1 else several}"


def _key(cls: str) -> Markup:
    """The colour of a part of a bar."""
    box = element("rect", x=0, y=0, width=24, height=14, cls=cls)
    return element("svg", box, cls="key", viewBox="0 0 24 14", aria_hidden="true")


def _line_key(number: int) -> Markup:
    return element(
        "svg", line(0, 7, 24, 7, cls=f"curve {series(number)}"), cls="key", viewBox="0 0 24 14", aria_hidden="true"
    )
