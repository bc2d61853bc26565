"""The part of docs/evaluators.md that is made from the code: the tables of settings.

`python -m tests.evaluators.documentation` writes them, and adds a section for each evaluator that has none. Everything
else on that page is written by hand; tests/evaluators/test_documentation.py runs its examples.
"""

import json
import re
import sys
import tomllib
from pathlib import Path
from typing import Any

from pydantic import BaseModel
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from core.embeddings import EmbeddingSpec
from core.plugins import Plugin, installed
from evaluators.expectation import References
from evaluators.extraction import Extraction
from evaluators.grading import Grading
from evaluators.json_answers import JsonReading
from evaluators.normalization import Normalization
from evaluators.unanswerable import Unanswerable

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "evaluators.md"
BLOCK = re.compile(r"<!-- settings of (?P<what>\w+) -->\n.*?<!-- end -->", re.DOTALL)
SECTION = re.compile(r"^## `(?P<kind>\w+)`$", re.MULTILINE)
SHARED: dict[str, tuple[type[BaseModel], str]] = {
    "References": (References, "[several right answers](#several-right-answers)"),
    "Unanswerable": (Unanswerable, "[questions without an answer](#questions-without-an-answer)"),
    "Grading": (Grading, "[scores between 0 and 1](#scores-between-0-and-1)"),
    "Normalization": (Normalization, "[what is ignored](#what-is-ignored)"),
    "JsonReading": (JsonReading, "[where the JSON is](#where-the-json-is)"),
    "Extraction": (Extraction, "[where the answer is](#where-the-answer-is)"),
    "EmbeddingSpec": (EmbeddingSpec, ""),
}
"""Settings that several evaluators have, by the name of their block, and how others refer to them."""


def ours() -> dict[str, Plugin[Any, Any]]:
    """The evaluators of this project by kind; other packages may have installed more."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    kinds = project["entry-points"]["benchmark.evaluators"]
    return {kind: plugin for kind, plugin in sorted(installed("evaluators").items()) if kind in kinds}


def rendered(page: str) -> str:
    """The page with its blocks as they should be, and a section for every kind."""
    named = {match["kind"] for match in SECTION.finditer(page)}
    for kind, plugin in ours().items():
        if kind not in named:
            page = f"{page.rstrip()}\n\n## `{kind}`\n\n{plugin.summary}\n\n<!-- settings of {kind} -->\n<!-- end -->\n"
    return BLOCK.sub(lambda match: _block(match["what"]), page)


def _block(what: str) -> str:
    lines = _shared(what) if what in SHARED else _own(ours()[what].settings)
    return "\n".join([f"<!-- settings of {what} -->", "", *lines, "", "<!-- end -->"])


def _shared(what: str) -> list[str]:
    return _table(SHARED[what][0], skip=set())


def _own(settings: type[BaseModel]) -> list[str]:
    inherited = {name for name, (part, _) in SHARED.items() if issubclass(settings, part)}
    skip = {field for name in inherited for field in SHARED[name][0].model_fields}
    links = [SHARED[name][1] for name in SHARED if name in inherited]
    if "extract" in settings.model_fields:
        links.append(SHARED["Extraction"][1])
    table = _table(settings, skip)
    besides = [f"Besides those of {', '.join(links)}."] if links else []
    return [*table, *([""] if table and besides else []), *besides]


def _table(settings: type[BaseModel], skip: set[str]) -> list[str]:
    properties = settings.model_json_schema()["properties"]
    named = {field.alias or name: field for name, field in settings.model_fields.items() if name not in skip}
    rows = [
        f"| `{name}` | {_values(properties[name])} | {_default(field)} | {_meaning(field)} |"
        for name, field in named.items()
    ]
    return ["| setting | is | default | |", "|---|---|---|---|", *rows] if rows else []


def _values(schema: dict[str, Any]) -> str:
    """In a word or two, or all the words it may be."""
    if "enum" in schema:
        return ", ".join(f"`{value}`" for value in schema["enum"])
    if "anyOf" in schema:
        kinds = [_values(each) for each in schema["anyOf"] if each.get("type") != "null"]
        return " or ".join(dict.fromkeys(kinds))
    if "$ref" in schema:
        return "settings"
    kind: str = schema.get("type", "anything")
    return {"string": "text", "array": "list", "boolean": "yes or no", "object": "mapping"}.get(kind, kind)


def _default(field: FieldInfo) -> str:
    if field.default is PydanticUndefined and field.default_factory is None:
        return "required"
    default = field.get_default(call_default_factory=True, validated_data={})
    if isinstance(default, BaseModel):
        default = default.model_dump(mode="json", exclude_defaults=True)
    if default is None or default in ((), {}, ""):
        return ""
    return f"`{json.dumps(default, ensure_ascii=False)}`".replace("|", "\\|")


def _meaning(field: FieldInfo) -> str:
    return " ".join((field.description or "").split()).replace("|", "\\|")


if __name__ == "__main__":
    PAGE.write_text(rendered(PAGE.read_text()))
    sys.stdout.write(f"{PAGE.relative_to(ROOT)} is up to date.\n")
