"""The tools of a row: what the agent may call, in the forms datasets have them."""

import json
from typing import Any, cast

from pydantic import ValidationError

from adapters.datasets.source import Row, Table
from core.cases import Tool

POINTER = "/dataset/fields/tools"
MOST = 256


def tools_in(value: object, table: Table, row: Row) -> list[dict[str, Any]]:
    """The tools as a case has them, from a list or the JSON of one; none for null. Raises InvalidDataset."""
    if isinstance(value, str):
        try:
            value = json.loads(value)
        except (ValueError, RecursionError) as error:
            raise table.wrong(row.number, f"its `tools` are no JSON: {error}.", pointer=POINTER) from error
    if value is None:
        return []
    if not isinstance(value, list):
        raise table.wrong(row.number, "its `tools` are no list, nor text that is a JSON list.", pointer=POINTER)
    tools = cast("list[object]", value)
    if len(tools) > MOST:
        raise table.wrong(row.number, f"it has {len(tools)} tools; at most {MOST} can be offered.", pointer=POINTER)
    return [_tool(each, table, row) for each in tools]


def _tool(value: object, table: Table, row: Row) -> dict[str, Any]:
    fields = cast("dict[str, Any]", value) if isinstance(value, dict) else {}
    fields = cast("dict[str, Any]", fields.get("function", fields))
    # Datasets say more of a tool, such as what it returns; a provider takes these three.
    known = {name: fields[name] for name in Tool.model_fields if fields.get(name) is not None}
    try:
        Tool.model_validate(known)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(str(part) for part in first["loc"])
        raise table.wrong(
            row.number,
            f"one of its `tools` is wrong at {where!r} ({first['msg']}); "
            "a tool has a `name`, a `description` and the JSON Schema of its `parameters`.",
            pointer=POINTER,
        ) from error
    return known
