"""Rows of the report about judges and about what the run was made of."""

from collections.abc import Iterator
from typing import Any, Final

import orjson
from pydantic import JsonValue

from api.figures import NOT_KNOWN, count, dollars, share
from core.benchmarks import AgentSpec, PromptSpec
from core.manifests import KeptManifest
from core.metrics import ScoreSummary
from core.plugins import PluginSpec
from core.reports import JudgeCard, Report
from core.runs import Run

LONGEST: Final = 600
"""Characters of a value."""
Row = tuple[str, list[str]]


def judges(report: Report) -> list[dict[str, Any]]:
    return [_judge(card, report.run) for card in report.judges]


def _judge(card: JudgeCard, run: Run) -> dict[str, Any]:
    summaries = [each for agent in run.agents if agent.metrics for each in agent.metrics.scores]
    spent = [each.judging for each in summaries if _is_of(each, card.label) and each.judging]
    costs = [each.cost_usd for each in spent if each.cost_usd is not None]
    found = card.calibration.report if card.calibration else None
    agreement, kappa = (found.agreement, found.kappa) if found else (None, None)
    return {
        "label": card.label,
        "served": ", ".join(card.served) or NOT_KNOWN,
        "cells": [
            (share(agreement.value), f"{share(agreement.low)} to {share(agreement.high)}")
            if agreement
            else (NOT_KNOWN, ""),
            (f"{kappa.value:.2f}", f"{kappa.low:.2f} to {kappa.high:.2f}") if kappa else (NOT_KNOWN, ""),
            (count(sum(each.calls for each in spent)) if spent else NOT_KNOWN, ""),
            (dollars(sum(costs) if costs else None), ""),
        ],
        "drift": _drift(card),
        "tone": "open" if card.drifted or card.calibration is None else "good",
    }


def _is_of(summary: ScoreSummary, label: str) -> bool:
    return summary.evaluator == label


def _drift(card: JudgeCard) -> str:
    if card.calibration is None:
        return "never calibrated"
    return "other models judge" if card.drifted else "the same models judge"


def origin(run: Run, manifest: KeptManifest | None) -> list[Row]:
    """What the run was made of: as its manifest says, or as it was submitted where there is none yet."""
    rows: list[Row] = [("Run", [run.run_id, f"benchmark {run.config.name}, round {run.round}"])]
    if manifest is None:
        rows.append(("Dataset", [said(run.config.dataset.source), f"cases {run.case_set or NOT_KNOWN}"]))
        rows.extend((f"Agent {spec.name}", [said(spec.agent)]) for spec in run.config.agents)
        rows.extend((f"Evaluator {each.label}", [said(each)]) for each in run.config.evaluators)
        return rows
    dataset, code = manifest.dataset, manifest.software
    rows.append(("Dataset", [said(dataset.spec.source), f"{count(dataset.cases)} cases, sha256 {dataset.case_set}"]))
    for name, part in manifest.agents.items():
        rows.append((f"Agent {name}", [*_asked(part.spec), *_served(part.served)]))
    for label, judged in manifest.evaluators.items():
        rows.append((f"Evaluator {label}", [f"version {judged.version}", said(judged.evaluation)]))
    rows.append(("Settings", [f"{name}: {_json(value)}" for name, value in manifest.settings.items()]))
    packages = ", ".join(f"{name} {version}" for name, version in code.packages.items())
    software = [f"release {code.release}, build {code.build}, source sha256 {code.source}", f"Python {code.python}"]
    rows.append(("Software", [*software, packages, f"price table {code.price_table}"]))
    return rows


def _asked(spec: AgentSpec) -> Iterator[str]:
    yield said(spec.agent)
    yield f"{spec.concurrency} at once, {spec.timeout_s:g} s a call, at most {spec.max_attempts} calls for a question"


def _served(served: Any) -> Iterator[str]:
    for each in served:
        fingerprint = f" ({each.fingerprint})" if each.fingerprint else ""
        yield f"{each.answers:,} answers by {each.model or 'a model that does not say its name'}{fingerprint}"


def said(spec: PluginSpec) -> str:
    """Its kind and settings; rows of its own are counted, not repeated."""
    settings = dict(spec.settings)
    if isinstance(rows := settings.get("rows"), list):
        settings["rows"] = f"{len(rows):,} rows"
    return f"{spec.kind} {_json(settings)}" if settings else spec.kind


def prompts(run: Run) -> list[tuple[str | None, PromptSpec]]:
    """The benchmark's, and those of agents that have their own."""
    own = [(spec.name, spec.prompt) for spec in run.config.agents if spec.prompt is not None]
    common = [(None, run.config.prompt)] if len(own) < len(run.config.agents) else []
    return [*common, *own]


def _json(value: JsonValue | dict[str, Any]) -> str:
    text = orjson.dumps(value, option=orjson.OPT_SORT_KEYS).decode()
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}…"
