"""What a run was made of: everything that could make its figures differ from another run's."""

import hashlib
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Final, Literal

import orjson
from pydantic import JsonValue

from core.benchmarks import AgentSpec, DatasetSpec, Evaluation, PromptSpec
from core.ids import RunId
from core.model import Model

LONGEST_VALUE: Final = 300
Part = Literal["dataset", "prompt", "agent", "model served", "evaluator", "judge", "code", "prices", "settings"]


class Served(Model):
    """A model that answered, as the provider names it."""

    model: str | None
    fingerprint: str | None
    """Of the provider's set-up, where it tells one."""
    answers: int


class DatasetPart(Model):
    spec: DatasetSpec
    """Where the cases came from and which were chosen."""
    case_set: str | None
    """sha256 of the cases asked; equal means the same questions in the same order."""
    cases: int | None


class AgentPart(Model):
    spec: AgentSpec
    prompt: PromptSpec
    """What it was asked with: its own prompt, or the benchmark's."""
    served: tuple[Served, ...]
    """Of the answers kept, the most frequent first."""


class EvaluatorPart(Model):
    version: str
    """Equal versions judge alike; settings are part of it."""
    evaluation: Evaluation
    served: tuple[str, ...] = ()
    """The models that judged, if it asks any."""


class Software(Model):
    """The worker that made the figures."""

    release: str
    build: str
    source: str
    """sha256 of the service's own code."""
    python: str
    packages: dict[str, str]
    """Versions of what figures depend on."""
    price_table: str
    """Version of the price table; agents' own prices and the operator's are in `agents` and /v1/prices."""


class Manifest(Model):
    """Written once, when the figures of a round are made, and never changed."""

    run_id: RunId
    round: int
    benchmark: str
    dataset: DatasetPart
    agents: dict[str, AgentPart]
    """By name."""
    evaluators: dict[str, EvaluatorPart]
    """By label, the one that decides first."""
    settings: dict[str, JsonValue]
    """Of the run: trials, delivery, what failures count as, when it stops."""
    software: Software

    @property
    def digest(self) -> str:
        """sha256 of all that could make figures differ: equal for runs of the same things."""
        content = dict(_flat("", self.model_dump(mode="json", exclude={"run_id", "round"})))
        kept = {path: value for path, value in content.items() if not path.endswith(".answers")}
        return hashlib.sha256(orjson.dumps(kept, option=orjson.OPT_SORT_KEYS)).hexdigest()


class KeptManifest(Manifest):
    manifest_digest: str
    created_at: datetime


class FieldDifference(Model):
    """Something that differs between what two runs were made of."""

    part: Part
    field: str
    """Its path, such as `agents.lab.spec.agent.model`."""
    baseline: str | None
    """As JSON, cut where it is long; None where there is nothing."""
    candidate: str | None


def differences(
    baseline: Manifest, candidate: Manifest, *, agents: tuple[str, str] | None = None
) -> tuple[FieldDifference, ...]:
    """Every field that differs, of these two agents alone if some are named; the models served as sets of names."""
    sides = [dict(_fields(side, agents[at] if agents else None)) for at, side in enumerate((baseline, candidate))]
    paths = [*sides[0], *(path for path in sides[1] if path not in sides[0])]
    return tuple(
        FieldDifference(part=_part(path), field=path, baseline=_said(sides[0], path), candidate=_said(sides[1], path))
        for path in paths
        if _said(sides[0], path) != _said(sides[1], path)
    )


def _fields(manifest: Manifest, agent: str | None) -> Iterator[tuple[str, JsonValue]]:
    content = manifest.model_dump(mode="json", include={"dataset", "evaluators", "settings", "software"})
    yield from _flat("", content)
    for name, part in manifest.agents.items():
        if agent not in (None, name):
            continue
        place = f"agents.{name}" if agent is None else "agent"
        told = part.model_dump(mode="json", exclude={"served": True, "spec": {"name", "prompt"}})
        yield from _flat(place, told)
        names = {f"{each.model} {each.fingerprint or ''}".strip() for each in part.served}
        yield f"{place}.served", [*sorted(names)]


def _flat(path: str, value: JsonValue) -> Iterator[tuple[str, JsonValue]]:
    if isinstance(value, dict) and value:
        for name, inner in value.items():
            yield from _flat(f"{path}.{name}" if path else name, inner)
    else:
        yield path, value


def _part(path: str) -> Part:
    first, *_ = path.split(".")
    if first == "software":
        return "prices" if path.endswith("price_table") else "code"
    if first == "evaluators":
        return "judge" if path.endswith(".served") else "evaluator"
    if first in ("agents", "agent"):
        if path.endswith(".served"):
            return "model served"
        return "prompt" if ".prompt" in path else "prices" if ".price" in path else "agent"
    return "dataset" if first == "dataset" else "settings"


def _said(side: Mapping[str, JsonValue], path: str) -> str | None:
    if side.get(path) in (None, [], {}):
        return None
    text = orjson.dumps(side[path], option=orjson.OPT_SORT_KEYS).decode()
    if len(text) <= LONGEST_VALUE:
        return text
    return f"{text[:LONGEST_VALUE]}... (sha256 {hashlib.sha256(text.encode()).hexdigest()[:12]})"
