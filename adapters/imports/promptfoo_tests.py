"""promptfoo's tests: written out, or in files beside the configuration; with the variables and assertions of each."""

import csv
import io
import json
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Any, Final, cast

from adapters.imports.names import named
from adapters.imports.remarks import Remarks
from adapters.imports.texts import FILE, files_named, text_in, yaml_in
from core.errors import InvalidInput, listed

MOST: Final = 1_000_000
"""Tests that a configuration may be spread into."""
CARRIED: Final = frozenset({"vars", "assert", "description", "options", "metadata"})
EXPECTED: Final = "__expected"
TYPED: Final = frozenset({
    "equals", "contains", "icontains", "contains-any", "contains-all", "icontains-any", "icontains-all", "regex",
    "starts-with", "is-json", "contains-json", "llm-rubric", "factuality", "similar", "javascript", "python",
})  # fmt: skip
"""What stands before the colon of an expected value in a table."""


@dataclass(frozen=True)
class FooTest:
    number: int
    name: str
    variables: Mapping[str, Any]
    assertions: tuple[Mapping[str, Any], ...]


def tests_of(config: Mapping[str, Any], folder: Path, remarks: Remarks) -> list[FooTest]:
    default = _object(config.get("defaultTest"), "defaultTest", remarks)
    found: list[FooTest] = []
    for number, told in enumerate(_listed(config.get("tests"), folder, remarks), 1):
        _tell_rest(told, f"Test {number}", remarks)
        variables = {**_variables(default), **_variables(told)}
        assertions = (*_assertions(default, "defaultTest"), *_assertions(told, f"Test {number}"))
        for part, one in enumerate(_spread(variables, folder, remarks), 1):
            name = named(told.get("description"), "")[:80]
            several = f".{part}" if part > 1 else ""
            found.append(FooTest(number, f"{number}{several} {name}".rstrip(), one, assertions))
            if len(found) > MOST:
                raise InvalidInput(f"The lists of variables make more than {MOST:,} tests by test {number}.")
    _tell_rest(default, "defaultTest", remarks)
    return found


def _tell_rest(told: Mapping[str, Any], where: str, remarks: Remarks) -> None:
    for key in told:
        if key not in CARRIED:
            remarks.add(f"{where}: `{key}` was left out.")
    if told.get("options"):
        remarks.add(f"{where}: `options` were left out ({', '.join(map(str, told['options']))}).")


def _assertions(test: Mapping[str, Any], where: str) -> Sequence[Mapping[str, Any]]:
    told: Any = test.get("assert") or []
    if not isinstance(told, list) or not all(isinstance(each, dict) for each in cast("list[Any]", told)):
        raise InvalidInput(f"{where}: `assert` is no list of assertions; each is written `- type: ...`.")
    return cast("list[Mapping[str, Any]]", told)


def _object(told: Any, what: str, remarks: Remarks) -> dict[str, Any]:
    if told is None:
        return {}
    if isinstance(told, dict):
        return cast("dict[str, Any]", told)
    remarks.add(f"`{what}` is {told!r}, which was left out: write it into the file.")
    return {}


def _variables(test: Mapping[str, Any]) -> dict[str, Any]:
    told = test.get("vars")
    return cast("dict[str, Any]", told) if isinstance(told, dict) else {}


def _listed(
    told: Any, folder: Path, remarks: Remarks, within: frozenset[Path] = frozenset()
) -> Iterator[dict[str, Any]]:
    """`within` are the files that are being read: one that names itself has no end."""
    for each in cast("list[Any]", told) if isinstance(told, list) else [told] if told else []:
        if isinstance(each, dict):
            yield cast("dict[str, Any]", each)
        elif isinstance(each, str):
            yield from _filed(each, folder, remarks, within)
        else:
            raise InvalidInput(f"{each!r} is no test; a test is an object with `vars` and `assert`, or a file's name.")


def _filed(told: str, folder: Path, remarks: Remarks, within: frozenset[Path]) -> Iterator[dict[str, Any]]:
    paths = files_named(told, folder)
    if not paths:
        remarks.add(f"The tests of {told!r} are not here and were left out.")
    for path in paths:
        if path.resolve() in within:
            raise InvalidInput(f"{path} names itself among its tests, directly or through another file.")
        match path.suffix.lower():
            case ".csv":
                yield from map(_of_row, csv.DictReader(io.StringIO(text_in(path), newline="")))
            case ".jsonl":
                yield from _listed(list(_lines(path)), folder, remarks, within | {path.resolve()})
            case ".json" | ".yaml" | ".yml":
                yield from _listed(yaml_in(path), folder, remarks, within | {path.resolve()})
            case _:
                remarks.add(f"The tests of {path.name!r} are no table, YAML or JSON, and were left out.")


def _lines(path: Path) -> Iterator[Any]:
    for number, line in enumerate(text_in(path).splitlines(), 1):
        if not line.strip():
            continue
        try:
            yield json.loads(line)
        except ValueError as error:
            raise InvalidInput(f"{path}, line {number:,}, is no JSON: {error}.") from error


def _of_row(row: Mapping[str, str]) -> dict[str, Any]:
    """A line of a table: its columns are variables, but for those that begin with `__`."""
    # A line that is longer than the head has the rest under None, a shorter one has None for what is missing.
    cells = {name: value or "" for name, value in row.items() if isinstance(cast("str | None", name), str)}
    asserted = [_of_cell(value) for name, value in cells.items() if name.startswith(EXPECTED) and value]
    test: dict[str, Any] = {"vars": {name: value for name, value in cells.items() if not name.startswith("__")}}
    if row.get("__description"):
        test["description"] = row["__description"]
    return {**test, "assert": asserted}


def _of_cell(text: str) -> dict[str, Any]:
    """`contains: Paris`; without a type it is `equals`."""
    kind, colon, value = text.partition(":")
    kind = kind.strip()
    if kind == "is-json" and not colon:
        return {"type": kind}
    if not colon or kind.removeprefix("not-") not in TYPED:
        return {"type": "equals", "value": text}
    several = kind.endswith(("-any", "-all"))
    return {"type": kind, "value": [part.strip() for part in value.split(",")] if several else value.strip()}


def _spread(variables: Mapping[str, Any], folder: Path, remarks: Remarks) -> Iterator[dict[str, Any]]:
    """A variable with a list is one test for each of its values."""
    values = [_values(name, value, folder, remarks) for name, value in variables.items()]
    if (several := math.prod(map(len, values))) > MOST:
        raise InvalidInput(f"The lists of {listed(list(variables))} make {several:,} tests; at most {MOST:,} are read.")
    for chosen in product(*values):
        yield dict(zip(variables, chosen, strict=True))


def _values(name: str, value: Any, folder: Path, remarks: Remarks) -> list[Any]:
    if isinstance(value, list):
        return cast("list[Any]", value) or [""]
    if not isinstance(value, str) or not value.startswith(FILE):
        return [value]
    path = folder / value.removeprefix(FILE)
    if path.suffix in (".txt", ".md", ".json", ".yaml", ".yml") and path.is_file():
        return [text_in(path)]
    remarks.add(f"The variable {name!r} is {value!r}, which is no text file here: it is shown as it stands.")
    return [value]
