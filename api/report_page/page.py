"""A report as one HTML file: everything in it, nothing remote, no script, whatever the texts in it say."""

import base64
import hashlib
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any, Final

from jinja2 import Environment
from markupsafe import Markup

from api import figures
from api.assets import assets
from api.report_page import agent_rows, contest_rows, origin_rows, outcome_rows, spread_rows
from api.templating import TONES, environment
from core.causes import MEANINGS
from core.reports import Report
from core.runs import ENDED, Run

HERE: Final = Path(__file__).parent
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
    return assets()["figures.css"].content.decode()


@cache
def policy() -> str:
    """The content security policy of the page: its own style and nothing else."""
    digest = base64.b64encode(hashlib.sha256(style().encode()).digest()).decode()
    return f"default-src 'none'; style-src 'sha256-{digest}'; img-src data:; base-uri 'none'; form-action 'none'"


def report_page(report: Report, *, release: str) -> str:
    """The HTML of it."""
    return _environment().get_template("report.html").render(context_of(report, release))


@cache
def _environment() -> Environment:
    # The style is ours and is never escaped: its digest is in the policy.
    return environment(HERE / "templates", style=Markup(style()), policy=policy(), **names())


def names() -> dict[str, Any]:
    """What the templates of the report's sections know besides its figures."""
    return {"chosen": CHOSEN, "meanings": {cause: meaning.when for cause, meaning in MEANINGS.items()}}


def context_of(report: Report, release: str) -> dict[str, Any]:
    """What its templates show."""
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
