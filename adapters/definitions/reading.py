"""A benchmark definition from a file, YAML or JSON: a mistake is told with its line and what may have been meant."""

from dataclasses import dataclass
from typing import Any, TypeVar, cast

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from adapters.definitions.vocabulary import keys_at, meant
from adapters.definitions.yaml_text import Lines, escaped, parse
from core.benchmarks import BenchmarkDefinition
from core.errors import InvalidInput, InvalidPlugin, listed
from core.mistakes import must, own_words
from core.plugins import Group, PluginSpec, find, installed, settings_of

MOST_MENTIONED = 5
"""Mistakes told at once."""
Path = tuple[str | int, ...]
M = TypeVar("M", bound=BaseModel)


@dataclass(frozen=True)
class DefinitionFile:
    definition: BenchmarkDefinition
    source: str
    """The file's name, for messages."""
    lines: Lines

    def place(self, pointer: str) -> str:
        """`file.yaml, line 7`: where the value is, for a message about it."""
        return _place(self.source, self.lines, pointer)

    def check_plugins(self) -> None:
        """Raises InvalidPlugin for a kind that is not installed here and for settings it rejects, with their line."""
        definition = self.definition
        self._check("datasets", definition.dataset.source, "/dataset/source")
        for at, agent in enumerate(definition.agents):
            self._check("agents", agent.agent, f"/agents/{at}/agent")
        for at, evaluation in enumerate(definition.evaluators):
            self._check("evaluators", evaluation, f"/evaluators/{at}")

    def _check(self, group: Group, spec: PluginSpec, pointer: str) -> None:
        check_plugin(group, spec, pointer, source=self.source, lines=self.lines)


def check_plugin(group: Group, spec: PluginSpec, pointer: str, *, source: str, lines: Lines) -> None:
    """Raises InvalidPlugin for a kind that is not installed here and for settings it rejects, with their line."""
    try:
        settings_of(group, spec, pointer=pointer)
    except InvalidPlugin as error:
        hint = _plugin_hint(group, spec, error.pointer.rpartition("/")[2])
        raise InvalidPlugin(f"{_place(source, lines, error.pointer)}: {error}{hint}", pointer=error.pointer) from error


def load_definition(text: str, *, source: str) -> BenchmarkDefinition:
    """The definition in a YAML or JSON text; `source` names it in messages.

    Raises InvalidInput with the line and a JSON pointer. Plugins are not looked at: see `read_definition`.
    """
    return read_definition(text, source=source).definition


def read_definition(text: str, *, source: str) -> DefinitionFile:
    """As `load_definition`, with the lines kept, so that plugins can be checked too."""
    wanted = "a benchmark is a mapping of keys such as `name` and `dataset`"
    definition, lines = read_document(BenchmarkDefinition, text, source=source, wanted=wanted)
    return DefinitionFile(definition, source, lines)


def read_document(model: type[M], text: str, *, source: str, wanted: str) -> tuple[M, Lines]:
    """What a YAML or JSON text says, as the model, and the line of each place. `wanted` says what it is made of.

    Raises InvalidInput with the line and a JSON pointer.
    """
    parsed = parse(text, source=source)
    value: object = parsed.value
    if not isinstance(value, dict):
        raise InvalidInput(f"{source}, line 1: {wanted}.")
    # Editors of JSON are told there which schema the file follows.
    cast("dict[str, Any]", value).pop("$schema", None)
    try:
        return model.model_validate(value), parsed.lines
    except ValidationError as error:
        raise _mistakes(error, parsed.value, parsed.lines, source, root=model) from error


def _mistakes(error: ValidationError, value: Any, lines: Lines, source: str, *, root: type[BaseModel]) -> InvalidInput:
    """What the document's model complains of, each with its line and what may have been meant."""
    # A field of several forms reports each of them; the first at a place says enough.
    by_pointer: dict[str, str] = {}
    # A mistyped key is told, and not the key that is missing because of it.
    placed = [(_path(detail, value), detail) for detail in error.errors(include_url=False)]
    mistyped = {path[:-1] for path, detail in placed if detail["type"] == "extra_forbidden"}
    for path, detail in placed:
        if detail["type"] != "extra_forbidden" and (path in mistyped or path[:-1] in mistyped):
            continue
        pointer = "".join(f"/{escaped(str(part))}" for part in path)
        by_pointer.setdefault(pointer, f"{_place(source, lines, pointer)}: {_sentence(detail, path, root)}")
    sentences = list(by_pointer.values())
    more = len(sentences) - MOST_MENTIONED
    text = "\n".join(sentences[:MOST_MENTIONED]) + (f"\nand {more} more." if more > 0 else "")
    return InvalidInput(text, pointer=next(iter(by_pointer)))


def _path(detail: ErrorDetails, value: Any) -> Path:
    """Where in the file: pydantic's place without the names of the forms it tried."""
    path: list[str | int] = []
    loc = detail["loc"]
    for at, part in enumerate(loc):
        if isinstance(value, dict) and part in value:
            value = cast("dict[str, Any]", value)[str(part)]
        elif isinstance(value, list) and isinstance(part, int) and part < len(cast("list[Any]", value)):
            value = cast("list[Any]", value)[part]
        elif detail["type"] != "missing" or at < len(loc) - 1:
            continue
        path.append(part)
    return tuple(path)


def _sentence(detail: ErrorDetails, path: Path, root: type[BaseModel]) -> str:
    name = str(path[-1]) if path else "the definition"
    match detail["type"]:
        case "extra_forbidden":
            known = keys_at(path[:-1], root)
            close = meant(name, known)
            hint = f"did you mean {close!r}?" if close else f"the keys here are: {listed(known)}."
            return f"there is no key {name!r} here; {hint}"
        case "missing":
            return f"the key {name!r} is missing."
        case _:
            wanted = must(cast("dict[str, Any]", detail))
            return f"{name!r} {wanted}." if wanted else f"{name!r} is not right: {own_words(detail)}."


def _plugin_hint(group: Group, spec: PluginSpec, name: str) -> str:
    if name == "kind" and spec.kind not in installed(group):
        close = meant(spec.kind, list(installed(group)))
    elif spec.kind in installed(group):
        fields = list(find(group, spec.kind).settings.model_fields)
        close = None if name in fields else meant(name, fields)
    else:
        close = None
    return f" Did you mean {close!r}?" if close else ""


def _place(source: str, lines: Lines, pointer: str) -> str:
    """`file.yaml, line 7`: the line of the value, or of the nearest one around it."""
    while pointer and pointer not in lines:
        pointer = pointer.rpartition("/")[0]
    return f"{source}, line {lines.get(pointer, 1)}"
