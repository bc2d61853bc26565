"""Rows into cases, as a field mapping says."""

import hashlib
import json
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple, cast

from adapters.datasets.json_text import canonical
from adapters.datasets.source import Row, Table
from adapters.datasets.texts import LONGEST_CATEGORY, LONGEST_ID, as_text, trouble_within
from adapters.datasets.tools import tools_in
from adapters.templates.filters import LETTERS
from adapters.templates.sandbox import TextTemplate
from core.benchmarks import Choices, FieldMapping
from core.errors import InvalidDataset, InvalidInput, listed

EXPECTED_NAMES = ("expected", "target", "answer")
CASE_LIMIT = 4 * 1024**2
"""Bytes of one case."""

Getter = Callable[[Table, Row], Any]
"""A field's value for a row."""


class MappedCase(NamedTuple):
    id: str
    category: str | None
    line: bytes
    """The case as canonical JSON: keys sorted, empty fields left out."""


class Mapper:
    """A compiled field mapping. Raises InvalidDataset or InvalidInput, with a pointer, for what cannot compile."""

    def __init__(self, fields: FieldMapping, keeps: Sequence[str] = (), *, several_files: bool = False) -> None:
        self._several_files = several_files
        self._id = _optional(fields.id, "id")
        self._input = _getter(fields.input, "input")
        self._expected = _optional(fields.expected, "expected")
        self._category = _optional(fields.category, "category")
        self._cluster = _getter(fields.cluster, "cluster") if fields.cluster else None
        self._choices = _choices_getter(fields.choices)
        self._right = _Right(fields.choices) if isinstance(fields.choices, Choices) else None
        if self._right and fields.expected is not None:
            raise InvalidDataset(
                "With `choices` of the form {correct, incorrect}, `expected` is the letter of the right one: "
                "leave `expected` out.",
                pointer="/dataset/fields/expected",
            )
        self._tools = _getter(fields.tools, "tools") if fields.tools else None
        self._metadata = {name: _getter(name, f"metadata/{at}") for at, name in enumerate(fields.metadata)}
        self._keeps = tuple(keeps)

    def case(self, table: Table, row: Row, ordinal: int) -> MappedCase:
        """The case of a row; `ordinal` counts a table's rows from 1. Raises InvalidDataset, naming the row."""
        case: dict[str, Any] = {"id": self._id_of(table, row, ordinal), "input": self._text("input", table, row)}
        if self._right:
            case["choices"], case["expected"] = self._right.shuffled(table, row, case["id"])
        else:
            if self._choices:
                case["choices"] = self._options(table, row)
            case["expected"] = self._expected_of(table, row)
        case["category"] = category = self._category_of(table, row)
        case["cluster"] = self._cluster_of(table, row)
        case["tools"] = tools_in(self._tools(table, row), table, row) if self._tools else []
        metadata = {name: get(table, row) for name, get in self._metadata.items()}
        case["metadata"] = metadata | {name: row.columns[name] for name in self._keeps if name in row.columns}
        return MappedCase(case["id"], category, _line(table, row, case))

    def _id_of(self, table: Table, row: Row, ordinal: int) -> str:
        if self._id:
            text = as_text(self._id(table, row))
        elif "id" in row.columns:
            text = as_text(row.columns["id"])
        else:
            text = f"{table.name}-{ordinal}" if self._several_files else str(ordinal)
        if not text or len(text) > LONGEST_ID:
            raise table.wrong(
                row.number, f"its id must have 1 to {LONGEST_ID} characters.", pointer="/dataset/fields/id"
            )
        return text

    def _text(self, field: str, table: Table, row: Row) -> str:
        text = as_text(self._input(table, row))
        if text is None:
            raise table.wrong(row.number, f"its `{field}` is null.", pointer=f"/dataset/fields/{field}")
        return text

    def _expected_of(self, table: Table, row: Row) -> str | None:
        if self._expected:
            return as_text(self._expected(table, row))
        if self._expected is None:
            return as_text(next((row.columns[name] for name in EXPECTED_NAMES if name in row.columns), None))
        return None

    def _category_of(self, table: Table, row: Row) -> str | None:
        if self._category is None:
            value = as_text(row.columns.get("category"))
        else:
            value = as_text(self._category(table, row)) if self._category else None
        return _name("category", value, table, row)

    def _cluster_of(self, table: Table, row: Row) -> str | None:
        return _name("cluster", as_text(self._cluster(table, row)), table, row) if self._cluster else None

    def _options(self, table: Table, row: Row) -> list[str]:
        assert self._choices
        options = list(self._choices(table, row))
        while options and options[-1] in (None, ""):
            options.pop()
        texts = [text for option in options if (text := as_text(option)) is not None]
        if len(texts) != len(options) or not 1 <= len(texts) <= len(LETTERS):
            raise table.wrong(
                row.number,
                f"a multiple-choice case has 1 to {len(LETTERS)} choices, none of them null; it has {len(options)}.",
                pointer="/dataset/fields/choices",
            )
        return texts


class _Right:
    """The right choice among wrong ones, in an order that only the case's id decides."""

    def __init__(self, choices: Choices) -> None:
        self._correct = _getter(choices.correct, "choices/correct")
        self._incorrect = [_getter(name, f"choices/incorrect/{at}") for at, name in enumerate(choices.incorrect)]

    def shuffled(self, table: Table, row: Row, case_id: str) -> tuple[list[str], str]:
        right = as_text(self._correct(table, row))
        wrong: list[str | None] = []
        for get in self._incorrect:
            value = get(table, row)
            items = cast("list[Any]", value) if isinstance(value, list) else [value]
            wrong.extend(as_text(item) for item in items)
        texts = [text for text in (right, *wrong) if text]
        if len(texts) != len(wrong) + 1 or len(set(texts)) != len(texts) or not 2 <= len(texts) <= len(LETTERS):
            raise table.wrong(
                row.number,
                f"its choices must be 2 to {len(LETTERS)} different texts, none of them empty.",
                pointer="/dataset/fields/choices",
            )
        # By the hash of id and text: the same everywhere, and no order of the columns shows through.
        texts.sort(key=lambda text: hashlib.sha256(f"{case_id}\0{text}".encode(errors="replace")).digest())
        return texts, LETTERS[texts.index(str(right))]


def _name(field: str, value: str | None, table: Table, row: Row) -> str | None:
    """None where there is none."""
    if value is not None and len(value) > LONGEST_CATEGORY:
        raise table.wrong(
            row.number,
            f"its {field} has more than {LONGEST_CATEGORY} characters.",
            pointer=f"/dataset/fields/{field}",
        )
    return value or None


def _optional(expression: str | None, field: str) -> "Getter | Any | None":
    """None for the default, False for `""`, which means no such field."""
    if expression is None:
        return None
    return _getter(expression, field) if expression else False


def _getter(expression: str, field: str) -> Getter:
    pointer = f"/dataset/fields/{field}"
    if "{{" in expression or "{%" in expression:
        return _template_getter(TextTemplate(expression, pointer=pointer), field, pointer)

    def column(table: Table, row: Row) -> Any:
        try:
            return row.columns[expression]
        except KeyError:
            if expression == "file":
                return table.name
            if expression == "number":
                return row.number
            raise table.wrong(
                row.number,
                f"there is no column {expression!r} for `{field}`; the columns are: {listed(list(row.columns))}. "
                f"Say in `dataset.fields` which it is{_such_as(field, row)}.",
                pointer=pointer,
            ) from None

    return column


def _such_as(field: str, row: Row) -> str:
    """How a field is mapped, where one column is all of it."""
    return "" if "/" in field or not row.columns else f", such as {{{field}: {next(iter(row.columns))}}}"


def _template_getter(template: TextTemplate, field: str, pointer: str) -> Getter:
    def rendered(table: Table, row: Row) -> str:
        variables = {"file": table.name, "number": row.number, "row": row.columns, **row.columns}
        try:
            return template.render(variables)
        except InvalidInput as error:
            raise table.wrong(
                row.number, f"`{field}`: {error} The columns are: {listed(list(row.columns))}.", pointer=pointer
            ) from error

    return rendered


def _choices_getter(choices: str | tuple[str, ...] | Choices | None) -> Callable[[Table, Row], Sequence[Any]] | None:
    match choices:
        case str():
            get = _getter(choices, "choices")
            return lambda table, row: _as_list(get(table, row), table, row)
        case tuple():
            getters = [_getter(name, f"choices/{at}") for at, name in enumerate(choices)]
            return lambda table, row: [get(table, row) for get in getters]
        case _:
            return None


def _as_list(value: Any, table: Table, row: Row) -> Sequence[Any]:
    if isinstance(value, str) and value.lstrip().startswith("["):
        try:
            value = json.loads(value)
        except ValueError:
            value = None
    if not isinstance(value, list):
        raise table.wrong(
            row.number, "its `choices` are no list, nor text that is a JSON list.", pointer="/dataset/fields/choices"
        )
    return cast("list[Any]", value)


def _line(table: Table, row: Row, case: dict[str, Any]) -> bytes:
    full = {key: value for key, value in case.items() if value not in (None, [], {})}
    try:
        line = canonical(full)
    except (ValueError, TypeError, RecursionError) as error:
        reason = trouble_within(full) or f"cannot be written as JSON ({error})"
        raise table.wrong(row.number, f"it {reason}.") from error
    if b"\\u0000" in line and (reason := trouble_within(full)):
        raise table.wrong(row.number, f"it {reason}.")
    if len(line) > CASE_LIMIT:
        raise table.wrong(row.number, f"its case has more than {CASE_LIMIT // 1024**2} MiB.")
    return line
