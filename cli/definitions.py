"""Benchmark files: read, checked without any service, described for editors."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, cast

from adapters.definitions.reading import DefinitionFile, read_definition
from adapters.prompts.prompts import mistakes_of_prompt
from cli.case_checks import check_cases
from cli.data_columns import refused_here
from cli.dataset_trial import try_cases
from cli.exits import CommandError, Exit
from cli.figures import counted
from cli.output import put_json, say
from core.benchmarks import BenchmarkDefinition, DatasetSpec, PromptSpec
from core.errors import InvalidInput
from core.model import Model


def read_file(path: Path) -> DefinitionFile:
    """A file whose keys, kinds, settings and templates are right. Raises CommandError, naming the line."""
    try:
        text = path.read_text("utf-8")
    except UnicodeDecodeError as error:
        raise CommandError(f"{path} is no UTF-8 text.") from error
    except OSError as error:
        raise CommandError(f"The benchmark file {path} cannot be read: {error.strerror}.") from error
    return read_text(text, path)


def read_text(text: str, path: Path) -> DefinitionFile:
    """The same for what is to stand in that file. Raises CommandError, naming the line."""
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


class Checked(Model):
    """What came of checking a file."""

    file: str
    valid: bool
    detail: str | None = None
    """What is wrong, and where."""
    cases: int | None = None
    """None where the data is elsewhere, or nobody got so far."""
    warnings: tuple[str, ...] = ()


def validate_files(paths: Sequence[Path], *, as_json: bool) -> Exit:
    """Tells of every file whether it is right; USAGE when one is not."""
    checked = [_checked(path) for path in paths]
    if as_json:
        put_json([each.model_dump(mode="json") for each in checked])
    else:
        for each in checked:
            say(_said(each))
    return Exit.OK if all(each.valid for each in checked) else Exit.USAGE


def _checked(path: Path) -> Checked:
    try:
        found = read_file(path)
        cases = try_cases(located(found.definition, path), found)
        warnings = [
            *(check_cases(found, cases) if cases else []),
            *refused_here(located(found.definition, path), found),
        ]
    except CommandError as error:
        return Checked(file=str(path), valid=False, detail=str(error))
    return Checked(file=str(path), valid=True, cases=cases and cases.total, warnings=tuple(warnings))


def _said(checked: Checked) -> str:
    if checked.detail is not None:
        return checked.detail
    count = checked.cases
    data = counted(count, "case") if count else "its data is elsewhere and was not looked at"
    return "\n".join([f"{checked.file} is right: {data}.", *(f"! {warning}" for warning in checked.warnings)])
