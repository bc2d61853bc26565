"""Logs of Inspect AI (`.eval`, `.json`): their answers become recorded ones, which evaluators of ours score."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final, cast
from zipfile import BadZipFile, is_zipfile

from adapters.imports.names import name_of, named
from adapters.imports.settings import NoSettings
from adapters.imports.zip_members import ZipMembers
from core.errors import InvalidInput
from core.imports import Columns, Imported, ImportedBenchmark
from core.plugins import Plugin

SCORERS: Final[Mapping[str, Mapping[str, Any]]] = {
    "match": {"kind": "contains"},
    "includes": {"kind": "contains", "whole_words": False},
    "exact": {"kind": "exact"},
    "f1": {"kind": "f1"},
    "choice": {"kind": "choice"},
    "pattern": {"kind": "exact"},
    "answer": {"kind": "exact"},
    "math": {"kind": "math"},
}
"""Inspect's scorers, and the evaluators that come closest."""
SAMPLE: Final = "samples/"
HEAD: Final = 65536


class InspectImporter:
    def __init__(self, settings: NoSettings) -> None:
        pass

    def recognises(self, path: Path) -> bool:
        if path.suffix == ".eval":
            return True
        if path.suffix != ".json" or not path.is_file():
            return False
        with path.open(encoding="utf-8", errors="replace") as file:
            head = file.read(HEAD)
        return '"eval"' in head and '"task"' in head and '"model"' in head

    def read(self, path: Path, name: str | None, columns: Columns) -> Imported:
        try:
            header, samples = _opened(path)
            rows, remarks = _rows(samples)
        except (BadZipFile, KeyError, ValueError, OSError) as error:
            raise InvalidInput(f"{path} is no readable log of Inspect AI: {error}.") from error
        if not rows:
            raise InvalidInput(f"{path} has no sample with an answer, so there is nothing to score.")
        spec = cast("dict[str, Any]", header["eval"])
        scorers = _scorers(spec, header, rows)
        evaluators, told = _evaluators(scorers, several=any("targets" in row for row in rows))
        definition = _definition(spec, named(name or spec.get("task"), name_of(path)), evaluators, rows)
        return Imported((ImportedBenchmark(definition, rows),), (*remarks, *told))


def _opened(path: Path) -> tuple[dict[str, Any], Iterator[dict[str, Any]]]:
    """The log's header, and its samples as they are asked for."""
    if is_zipfile(path):
        members = ZipMembers(path)
        names = [name for name in members.names if name.startswith(SAMPLE)]
        first = "header.json" if "header.json" in members.names else "_journal/start.json"
        return json.loads(members.read(first)), (json.loads(members.read(name)) for name in names)
    log: dict[str, Any] = json.loads(path.read_text("utf-8"))
    if "eval" not in log:
        raise ValueError("it has no `eval`")
    return log, iter(cast("list[dict[str, Any]]", log.get("samples") or []))


def _rows(samples: Iterator[dict[str, Any]]) -> tuple[list[dict[str, Any]], list[str]]:
    rows: list[dict[str, Any]] = []
    lost = mute = chats = 0
    for sample in samples:
        answer = _text(sample.get("output", {}))
        if sample.get("error"):
            lost += 1
        elif not answer.strip():
            mute += 1
        else:
            chats += not isinstance(sample["input"], str)
            rows.append(_row(sample, answer))
    rows.sort(key=lambda row: (row["epoch"], str(row["sample"])))
    remarks: list[str] = []
    if lost:
        remarks.append(f"{_samples(lost)} ended with an error, without an answer: left out, and not scored as wrong.")
    if mute:
        remarks.append(f"{_samples(mute)} with an empty answer, where a recorded one needs a text: left out.")
    if chats:
        remarks.append(f"{_samples(chats)} with a chat as input: the last message of its user stands for it.")
    if len({row["epoch"] for row in rows}) > 1:
        remarks.append("Epochs became rows of their own that share a cluster, so that intervals know they are alike.")
    return rows, remarks


def _samples(count: int) -> str:
    return f"{count:,} sample{'' if count == 1 else 's'}"


def _row(sample: Mapping[str, Any], answer: str) -> dict[str, Any]:
    targets = sample.get("target", "")
    several = [str(each) for each in cast("list[Any]", targets)] if isinstance(targets, list) else [str(targets)]
    row: dict[str, Any] = {
        "id": f"{sample['id']}-{sample['epoch']}",
        "sample": str(sample["id"]),
        "epoch": sample["epoch"],
        "input": _asked(sample["input"]),
        "expected": several[0] if several and several[0] else None,
        "answer": answer,
    }
    if len(several) > 1:
        row["targets"] = several
    if sample.get("choices"):
        row["choices"] = sample["choices"]
    scores: Mapping[str, Any] = sample.get("scores") or {}
    row["inspect_scores"] = {label: score.get("value") for label, score in scores.items()}
    return row


def _asked(told: Any) -> str:
    if isinstance(told, str):
        return told
    messages = [each for each in cast("list[dict[str, Any]]", told) if each.get("role") == "user"]
    return _content(messages[-1].get("content")) if messages else ""


def _text(output: Mapping[str, Any]) -> str:
    if output.get("completion"):
        return str(output["completion"])
    choices: list[dict[str, Any]] = output.get("choices") or []
    return _content(choices[0]["message"].get("content")) if choices else ""


def _content(content: Any) -> str:
    """The texts of a message, which may be in parts."""
    if not isinstance(content, list):
        return str(content or "")
    parts = cast("list[dict[str, Any]]", content)
    return "\n".join(str(part["text"]) for part in parts if part.get("type") == "text")


def _scorers(spec: Mapping[str, Any], header: Mapping[str, Any], rows: list[dict[str, Any]]) -> list[str]:
    """Their names without their package; those of the scores where the log does not list them."""
    results: dict[str, Any] = header.get("results") or {}
    told: list[dict[str, Any]] = spec.get("scorers") or results.get("scores") or []
    names = [str(each.get("name")) for each in told] or [label for row in rows for label in row["inspect_scores"]]
    return list(dict.fromkeys(name.rpartition("/")[2] for name in names))


def _evaluators(scorers: list[str], *, several: bool) -> tuple[list[dict[str, Any]], list[str]]:
    found: list[dict[str, Any]] = []
    remarks: list[str] = []
    for name in scorers:
        nearest = SCORERS.get(name)
        if nearest is None:
            remarks.append(f"The scorer {name!r} has no counterpart here; its own scores are in `inspect_scores`.")
            continue
        remarks.append(f"The scorer {name!r} became {nearest['kind']!r}, which may decide otherwise in single cases.")
        takes_several = several and nearest["kind"] in ("contains", "exact", "f1")
        found.append(
            {**nearest, "name": named(name, "scorer"), **({"also_accept": "targets"} if takes_several else {})}
        )
    if not found:
        remarks.append("No evaluator follows from the log: `contains` judges; give the ones you want instead.")
        found.append({"kind": "contains", **({"also_accept": "targets"} if several else {})})
    return found, remarks


def _definition(
    spec: Mapping[str, Any], name: str, evaluators: list[dict[str, Any]], rows: list[dict[str, Any]]
) -> dict[str, Any]:
    fields: dict[str, Any] = {"id": "id", "input": "input", "expected": "expected"}
    if any("choices" in row for row in rows):
        fields["choices"] = "choices"
    if len({row["epoch"] for row in rows}) > 1:
        fields["cluster"] = "sample"
    kept = ["answer", "inspect_scores"]
    if any("targets" in row for row in rows):
        kept.append("targets")
        for row in rows:
            row.setdefault("targets", [])
    model = str(spec.get("model") or "recorded")
    agent: dict[str, Any] = {
        "name": named(model, "recorded"),
        "agent": {"kind": "recorded"},
        "prompt": {"template": "{{ metadata.answer }}"},
    }
    return {
        "name": name,
        "description": f"Answers that {model} gave in Inspect AI.",
        "dataset": {"fields": fields | {"metadata": kept}},
        "agents": [agent],
        "evaluators": evaluators,
    }


plugin = Plugin(NoSettings, InspectImporter, summary="Logs of Inspect AI: their answers, scored here.")
