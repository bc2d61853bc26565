"""Ready-made definitions of well-known benchmarks, over a folder of their public data files.

The folder has the benchmarks' own files: `gsm8k/test.jsonl`, `mmlu/*_test.csv`, `mmlu_pro/*.jsonl`, `bbh/*.json`,
`truthfulqa/TruthfulQA.csv`, `math500/test.jsonl`, `humaneval/HumanEval.jsonl.gz`,
`mbpp/tests.jsonl`, `ifeval/input_data.jsonl`, `bfcl/BFCL_v4_*.json` with `bfcl/possible_answer/`. Agents are left to
whoever runs them.
"""

from functools import cache
from importlib.resources import files
from typing import Any, cast

from adapters.definitions.reading import load_definition
from core.benchmarks import BenchmarkDefinition
from core.errors import NotFound, listed

FOLDER = "{folder}"
"""Stands for the folder, in the files beside this module."""


def ready_made() -> tuple[str, ...]:
    """The names, sorted."""
    return tuple(sorted(_texts()))


def ready_made_definition(name: str, folder: str) -> BenchmarkDefinition:
    """The definition over the data in `folder`, an absolute path on the machine of the worker. Raises NotFound."""
    if name not in _texts():
        raise NotFound(f"There is no ready-made benchmark {name!r}; there are: {listed(ready_made())}.")
    definition = load_definition(_texts()[name], source=f"{name}.yaml")
    source = definition.dataset.source
    placed = cast("dict[str, Any]", _placed(source.model_dump(), folder.rstrip("/")))
    dataset = definition.dataset.model_copy(update={"source": type(source).model_validate(placed)})
    return definition.model_copy(update={"dataset": dataset})


def ready_made_text(name: str) -> str:
    """The definition's YAML, with `{folder}` still in it. Raises NotFound."""
    if name not in _texts():
        raise NotFound(f"There is no ready-made benchmark {name!r}; there are: {listed(ready_made())}.")
    return _texts()[name]


def _placed(value: Any, folder: str) -> Any:
    match value:
        case str():
            return value.replace(FOLDER, folder)
        case list():
            return [_placed(item, folder) for item in cast("list[Any]", value)]
        case dict():
            return {key: _placed(item, folder) for key, item in cast("dict[str, Any]", value).items()}
        case _:
            return value


@cache
def _texts() -> dict[str, str]:
    folder = files("adapters.definitions") / "benchmarks"
    return {
        entry.name.removesuffix(".yaml"): entry.read_text("utf-8")
        for entry in folder.iterdir()
        if entry.name.endswith(".yaml")
    }
