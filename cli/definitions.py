"""Benchmark files: read, checked without any service, described for editors."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from adapters.definitions.reading import DefinitionFile, read_definition
from adapters.definitions.schema import definition_schema
from adapters.prompts.prompts import mistakes_of_prompt
from cli.exits import CommandError, Exit
from cli.output import put_json, say
from core.benchmarks import BenchmarkDefinition, PromptSpec
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


def validate_files(paths: Sequence[Path], *, as_json: bool) -> Exit:
    """Tells of every file whether it is right; USAGE when one is not."""
    wrong: dict[str, str] = {}
    for path in paths:
        try:
            read_file(path)
        except CommandError as error:
            wrong[str(path)] = str(error)
    if as_json:
        put_json([{"file": str(p), "valid": str(p) not in wrong, "detail": wrong.get(str(p))} for p in paths])
    else:
        for path in paths:
            say(wrong.get(str(path)) or f"{path} is right.")
    return Exit.USAGE if wrong else Exit.OK


def print_schema() -> None:
    put_json(definition_schema())
