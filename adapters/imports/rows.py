"""Data without a benchmark: a file of rows (JSONL, Parquet, CSV, ...), or a folder as Hugging Face has them.

Columns are told by the names that public datasets have; where none fits, somebody is asked.
"""

from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import Any, Final, cast

from adapters.datasets.content import Content
from adapters.datasets.formats import ENDINGS, Layout, table
from adapters.imports.names import name_of, named
from adapters.imports.settings import NoSettings
from core.errors import InvalidDataset, InvalidInput, listed
from core.imports import Columns, Imported, ImportedBenchmark, UnknownColumn
from core.plugins import Plugin

NAMES: Final[Mapping[str, tuple[str, ...]]] = {
    "input": ("input", "question", "prompt", "query", "problem", "instruction", "text", "sentence"),
    "expected": (
        "expected",
        "target",
        "answer",
        "answers",
        "answerKey",
        "label",
        "output",
        "response",
        "solution",
        "completion",
    ),
    "choices": ("choices", "options"),
    "category": ("category", "subject", "topic", "task", "type"),
}
SPLITS: Final = ("test", "validation", "valid", "dev", "train")
"""The part of a dataset that is asked, by preference."""
LOOKED_AT: Final = 20


class RowsImporter:
    def __init__(self, settings: NoSettings) -> None:
        pass

    def recognises(self, path: Path) -> bool:
        return path.is_dir() or bool(_ending(path))

    def read(self, path: Path, name: str | None, columns: Columns) -> Imported:
        files, remarks = _chosen(path)
        rows = _first(files[0])
        there = list(dict.fromkeys(key for row in rows for key in row))
        fields = dict(_fields(rows, there, columns))
        evaluator = {"kind": "choice"} if "choices" in fields else {"kind": "contains"}
        unused = [each for each in there if each not in fields.values() and each != "id"]
        if unused:
            remarks.append(
                f"The columns {listed(unused)} are not used; keep them for evaluators with `fields.metadata`."
            )
        if "expected" not in fields:
            remarks.append("No column looks like a right answer; say which with --column expected=NAME, or judge.")
        remarks.append(f"`{evaluator['kind']}` judges; other evaluators may fit better.")
        remarks.append("No agent is named: say whom to ask with --agent, or in the file.")
        paths = [str(each.resolve()) for each in files]
        source = {"kind": "file", "path": paths[0] if len(paths) == 1 else paths}
        definition: dict[str, Any] = {
            "name": named(name, name_of(path)),
            "dataset": {"source": source, "fields": fields},
            "evaluators": [evaluator],
        }
        if "choices" in fields:
            template = "{{ input }}\n\n{{ lettered }}\n\nAnswer with the letter of the right option."
            definition["prompt"] = {"template": template}
        return Imported((ImportedBenchmark(definition),), tuple(remarks))


def _ending(path: Path) -> str:
    name = path.name.lower().removesuffix(".gz")
    return next((ending for ending in ENDINGS if name.endswith(ending)), "")


def _chosen(path: Path) -> tuple[list[Path], list[str]]:
    """The files of the split that is asked. Raises InvalidInput."""
    if not path.is_dir():
        return [path], []
    files = sorted(each for each in path.rglob("*") if each.is_file() and _ending(each) and each.name[0] != ".")
    files = [each for each in files if each.name not in ("dataset_info.json", "dataset_infos.json", "state.json")]
    if not files:
        raise InvalidInput(f"{path} has no file of rows; they end in one of {listed(list(ENDINGS))}.")
    for split in SPLITS:
        if part := [each for each in files if _is_of(each.relative_to(path), split)]:
            left = [each for each in files if each not in part]
            told = f"The split {split!r} is asked ({len(part)} of {len(files)} files)."
            return part, [told] if left else []
    return files, []


def _is_of(path: Path, split: str) -> bool:
    """`test.jsonl`, `test-00000-of-00001.parquet`, `data/test/0.parquet`."""
    return path.name.lower().startswith(split) or split in (part.lower() for part in path.parts[:-1])


def _first(path: Path) -> list[dict[str, Any]]:
    """The first rows. Raises InvalidInput."""
    try:
        rows = [row.columns for row in islice(table(Content.on_disk(path.name, path), Layout()).rows, LOOKED_AT)]
    except InvalidDataset as error:
        raise InvalidInput(f"{path}: {error}") from error
    if not rows:
        raise InvalidInput(f"{path} has no rows.")
    return [dict(row) for row in rows]


def _fields(rows: Sequence[Mapping[str, Any]], there: Sequence[str], columns: Columns) -> Iterator[tuple[str, str]]:
    """Raises UnknownColumn."""
    for role, usual in NAMES.items():
        told = columns.get(role)
        if told is not None and told not in there and "{{" not in told:
            raise UnknownColumn(role, there, f"There is no column {told!r}; there are {listed(there)}.")
        name = told or next((each for each in usual if each in there), None)
        if name is None and role == "input":
            raise UnknownColumn(role, there, f"No column looks like a question; there are {listed(there)}.")
        if name is not None:
            yield role, _readable(role, name, rows)


def _readable(role: str, name: str, rows: Sequence[Mapping[str, Any]]) -> str:
    """The column, or an expression where public datasets hide the value in an object."""
    value: Any = next((row[name] for row in rows if row.get(name) is not None), None)
    inner = cast("dict[str, Any]", value) if isinstance(value, dict) else {}
    if role in ("expected", "choices") and "text" in inner:
        # SQuAD's answers, ARC's choices.
        return f'{{{{ row["{name}"].text{"[0]" if role == "expected" else " | tojson"} }}}}'
    return name


plugin = Plugin(NoSettings, RowsImporter, summary="Rows of JSONL, Parquet or CSV, or a folder as Hugging Face has it.")
