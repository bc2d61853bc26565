"""Benchmark files: read, checked without any service, described for editors."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, cast

from adapters.definitions.reading import DefinitionFile, read_definition
from adapters.definitions.schema import definition_schema
from adapters.prompts.prompts import mistakes_of_prompt
from cli.dataset_trial import count_cases
from cli.exits import CommandError, Exit
from cli.output import put_json, say
from core.benchmarks import BenchmarkDefinition, DatasetSpec, PromptSpec
from core.errors import InvalidInput


def read_file(path: Path) -> DefinitionFile:
    """A file whose keys, kinds, settings and templates are right. Raises CommandError, naming the line."""
    try:
        text = path.read_text("utf-8")
    except UnicodeDecodeError as error:
        raise CommandError(f"{path} is no UTF-8 text.") from error
    except OSError as error:
        raise CommandError(f"The benchmark file {path} cannot be read: {error.strerror}.") from error
    try:
        found = read_definition(text, source=str(path))
        found.check_plugins()
        _check_templates(found)
    except InvalidInput as error:
        raise CommandError(str(error)) from error
    return found


def _check_templates(found: DefinitionFile) -> None:
    for pointer, prompt in _prompts(found.definition):
        for mistake in mistakes_of_prompt(prompt, pointer=pointer):
            line = found.lines.get(mistake.pointer) or found.lines.get(pointer, 1)
            raise InvalidInput(f"{found.source}, line {line}: {mistake}") from mistake


def _prompts(definition: BenchmarkDefinition) -> Iterator[tuple[str, PromptSpec]]:
    yield "/prompt", definition.prompt
    for number, agent in enumerate(definition.agents):
        if agent.prompt is not None:
            yield f"/agents/{number}/prompt", agent.prompt


def located(definition: BenchmarkDefinition, path: Path) -> BenchmarkDefinition:
    """The definition of that file, its dataset's path absolute: a person means the file beside the benchmark; the
    service, elsewhere, wants to be told where that is."""
    return definition.model_copy(update={"dataset": located_dataset(definition.dataset, path)})


def located_dataset(dataset: DatasetSpec, path: Path) -> DatasetSpec:
    """The dataset of that file, its own path absolute."""
    source = dataset.source
    if source.kind != "file":
        return dataset
    absolute = {**source.model_dump(), "path": _absolute(source.settings.get("path"), path.resolve().parent)}
    return dataset.model_copy(update={"source": type(source).model_validate(absolute)})


def _absolute(path: Any, folder: Path) -> Any:
    if isinstance(path, list):
        return [_absolute(part, folder) for part in cast("list[Any]", path)]
    return str(folder / path) if isinstance(path, str) else path


def validate_files(paths: Sequence[Path], *, as_json: bool) -> Exit:
    """Tells of every file whether it is right; USAGE when one is not."""
    wrong: dict[str, str] = {}
    cases: dict[str, int | None] = {}
    for path in paths:
        try:
            found = read_file(path)
            cases[str(path)] = count_cases(located(found.definition, path), found)
        except CommandError as error:
            wrong[str(path)] = str(error)
    if as_json:
        put_json([_told(str(path), cases, wrong) for path in paths])
    else:
        for path in paths:
            say(wrong.get(str(path)) or _right(path, cases[str(path)]))
    return Exit.USAGE if wrong else Exit.OK


def _told(path: str, cases: dict[str, int | None], wrong: dict[str, str]) -> dict[str, Any]:
    return {"file": path, "valid": path not in wrong, "detail": wrong.get(path), "cases": cases.get(path)}


def _right(path: Path, cases: int | None) -> str:
    data = (
        "its data is elsewhere and was not looked at" if cases is None else f"{cases:,} case{'' if cases == 1 else 's'}"
    )
    return f"{path} is right: {data}."


def print_schema() -> None:
    put_json(definition_schema())
