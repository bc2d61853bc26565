"""The client's models of answers, written from the service's OpenAPI description.

`python -m tests.benchmark_client.generation` writes `benchmark_client/models/`: a class for every schema that an answer
may hold, by the schema's own name. A class stands in the module of the first tag whose answers need it, so modules
import from those before them only. What says all that another says, and more, is a class of its kind.
"""

import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final, cast

from api.app import create_app
from core.settings import Settings
from tests.benchmark_client.class_text import class_name, class_text

ROOT: Final = Path(__file__).parents[2]
FOLDER: Final = ROOT / "benchmark_client" / "models"
PREFIX: Final = "#/components/schemas/"
FIRST: Final = {"definitions": {"BenchmarkDefinition", "InlineRun", "NamedRun"}, "metrics": {"AgentMetrics"}}
"""Modules before those of the tags, and what they are for."""
SHARED: Final = 5
"""Fields that are not the same by chance."""
LEFT_OUT: Final = {"JsonValue"}
"""pydantic's own."""
KNOWN: Final = {
    "datetime": "datetime",
    "Literal": "typing",
    "Field": "pydantic",
    "JsonValue": "pydantic",
    "Answer": "benchmark_client.models.answer",
    "Other": "benchmark_client.models.answer",
}
"""Where names are from that modules may use."""
Schema = Mapping[str, Any]


def description() -> dict[str, Any]:
    """The service's OpenAPI document, as `/openapi.json` serves it."""
    return create_app(Settings()).openapi()


def operations(document: Schema) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Method, path and description of everything but the short form of starting a run."""
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            if path != "/benchmark/run":
                yield method.upper(), path, operation


def answers(operation: Schema) -> Iterator[Schema]:
    """The schemas of what it answers when it succeeds."""
    for status, response in operation["responses"].items():
        for content in response.get("content", {}).values() if str(status).startswith("2") else ():
            yield content.get("schema", {})


def references(schema: object) -> set[str]:
    """The names of the schemas that it mentions itself."""
    if isinstance(schema, list):
        return set[str]().union(*map(references, cast("list[object]", schema)))
    if not isinstance(schema, dict):
        return set()
    parts = cast("dict[str, object]", schema)
    named = {str(parts["$ref"]).removeprefix(PREFIX)} if "$ref" in parts else set[str]()
    return named.union(*(references(value) for key, value in parts.items() if key not in ("discriminator", "default")))


def reachable(names: set[str], schemas: Schema) -> set[str]:
    found, waiting = set[str](), set(names)
    while waiting:
        name = waiting.pop()
        found.add(name)
        waiting |= references(schemas[name]) - found
    return found


def modules(document: Schema) -> dict[str, list[str]]:
    """The schemas of each module, none of which needs one of a later module."""
    schemas = document["components"]["schemas"]
    roots = {name: set(wanted) for name, wanted in FIRST.items()}
    for _, _, operation in operations(document):
        mentioned = set[str]().union(*map(references, answers(operation)))
        roots.setdefault(operation["tags"][0], set()).update(mentioned)
    placed, seen = dict[str, list[str]](), set(LEFT_OUT)
    for module, wanted in roots.items():
        found = reachable(wanted, schemas) - seen
        # A page is the client's own.
        placed[module] = sorted(name for name in found if not name.startswith("Listing_"))
        seen |= found
    return {module: names for module, names in placed.items() if names}


def written(document: Schema) -> dict[Path, str]:
    """The text of every module by its file, before formatting."""
    schemas, homes, files = document["components"]["schemas"], dict(KNOWN), dict[Path, str]()
    placed = modules(document)
    kinds = kinds_of(placed, schemas)
    for module, names in placed.items():
        ordered = _ordered(names, schemas, kinds)
        classes = "\n\n\n".join(class_text(name, schemas[name], *_kind(name, kinds, schemas)) for name in ordered)
        used = set(re.findall(r"\b[A-Z]\w+|\bdatetime\b", re.sub(r'""".*?"""', "", classes, flags=re.DOTALL)))
        title = f'"""Answers of the API about {module}, written by `python -m tests.benchmark_client.generation`."""'
        imports = _imports({name: homes[name] for name in used if name in homes})
        files[FOLDER / f"{module}.py"] = f"{title}\n\n{imports}\n\n\n{classes}\n"
        homes |= {class_name(name): f"benchmark_client.models.{module}" for name in names}
    return files


def kinds_of(placed: Mapping[str, list[str]], schemas: Schema) -> dict[str, str]:
    """For those that say all that another one of their module, or of one before it, says: the one that says most."""
    found, before = dict[str, str](), list[str]()
    for names in placed.values():
        before += names
        for name in names:
            said = fields(schemas[name])
            less = [other for other in before if SHARED <= len(fields(schemas[other])) < len(said)]
            kinds = [other for other in less if fields(schemas[other]).items() <= said.items()]
            found |= {name: max(kinds, key=lambda other: len(fields(schemas[other])))} if kinds else {}
    return found


def fields(schema: Schema) -> dict[str, str]:
    """Each field with all that is said of it."""
    required = schema.get("required", ())
    return {name: f"{name in required} {said}" for name, said in schema.get("properties", {}).items()}


def _kind(name: str, kinds: Mapping[str, str], schemas: Schema) -> tuple[str, set[str]]:
    """The class it is of, and the fields that are there."""
    return (class_name(kinds[name]), set(fields(schemas[kinds[name]]))) if name in kinds else ("Answer", set())


def _imports(homes: Mapping[str, str]) -> str:
    """In the order that isort wants: Python's own, others', ours."""
    groups: dict[int, dict[str, list[str]]] = {}
    for name, home in homes.items():
        group = 2 if home.startswith("benchmark_client") else home == "pydantic"
        groups.setdefault(group, {}).setdefault(home, []).append(name)
    lines = ["\n".join(_import(home, found[home]) for home in sorted(found)) for _, found in sorted(groups.items())]
    return "\n\n".join(lines)


def _import(home: str, names: list[str]) -> str:
    return f"from {home} import {', '.join(sorted(names))}"


def _ordered(names: list[str], schemas: Schema, kinds: Mapping[str, str]) -> list[str]:
    """What is needed before what needs it."""
    done: list[str] = []

    def place(name: str) -> None:
        if name in names and name not in done:
            for needed in sorted({*references(schemas[name]), kinds.get(name, name)} - {name}):
                place(needed)
            done.append(name)

    for name in names:
        place(name)
    return done


def formatted(files: Mapping[Path, str]) -> dict[Path, str]:
    """As ruff would have them."""
    ruff = str(Path(sys.executable).parent / "ruff")
    with TemporaryDirectory() as folder:
        for file, text in files.items():
            (Path(folder) / file.name).write_text(text)
        command = [ruff, "format", "--quiet", "--config", str(ROOT / "pyproject.toml"), folder]
        subprocess.run(command, check=True)
        return {file: (Path(folder) / file.name).read_text() for file in files}


def main() -> None:
    files = formatted(written(description()))
    for stale in {*FOLDER.glob("*.py")} - {*files, FOLDER / "__init__.py", FOLDER / "answer.py"}:
        stale.unlink()
    for file, text in files.items():
        file.write_text(text)


if __name__ == "__main__":
    main()
