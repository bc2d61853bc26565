"""Whether an agent called what it should have, and nothing else: the rule of the Berkeley Function Calling
Leaderboard for simple, multiple and parallel calls, and for questions that none of the tools answers."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple, cast

from pydantic import JsonValue

from core.cases import Case, Tool
from core.errors import CannotJudge
from evaluators.calls.python_calls import Call
from evaluators.calls.source_values import TYPES, Language, source_value
from evaluators.calls.values import OPTIONAL, permitted


class PermittedCall(NamedTuple):
    name: str
    arguments: Mapping[str, Sequence[JsonValue]]
    """The values each argument may have; `""` among them: it may be left out."""


def permitted_calls(case: Case, listed: JsonValue) -> list[PermittedCall]:
    """From `[{name: {argument: [values]}}]` or `[{"name": ..., "arguments": {argument: value}}]`.

    Raises CannotJudge.
    """
    if not isinstance(listed, list):
        raise CannotJudge(f"Case {case.id!r} has no list of expected calls; an empty one means that none is right.")
    return [_permitted(case, each) for each in listed]


def mismatch(
    calls: Sequence[Call], expected: Sequence[PermittedCall], tools: Sequence[Tool], language: Language = "python"
) -> str | None:
    """What is wrong, for the end of a sentence; None when every expected call was made, in any order, and no other.

    Arguments for tools of another language than Python are texts in that language."""
    if not expected:
        return f"{_counted(len(calls))} where none was right" if calls else None
    if not calls:
        return "no call"
    if len(calls) != len(expected):
        return f"{_counted(len(calls))} instead of {len(expected)}"
    left = list(calls)
    for each in expected:
        tool = next((tool for tool in tools if tool.name == each.name), None)
        troubles = [_trouble(call, each, tool, language) for call in left]
        if None not in troubles:
            return str(troubles[0]) if len(troubles) == 1 else f"no call of {each.name} as expected: {troubles[0]}"
        del left[troubles.index(None)]
    return None


def _counted(number: int) -> str:
    return "1 call" if number == 1 else f"{number} calls"


def _trouble(call: Call, expected: PermittedCall, tool: Tool | None, language: Language) -> str | None:
    # Most providers allow no dots in names, so that answers recorded elsewhere have underscores for them.
    if call.name not in {expected.name, expected.name.replace(".", "_")}:
        return f"{call.name} was called instead of {expected.name}"
    given = call.given
    if given is None:
        return f"the arguments of {call.name} are no object"
    schemas = _schemas(tool)
    required = tool.parameters.get("required") if tool else None
    for name in cast("list[JsonValue]", required if isinstance(required, list) else []):
        if name not in given:
            return f"the argument {name!r} is missing"
    for name, value in given.items():
        if name not in expected.arguments or (schemas is not None and name not in schemas):
            return f"the argument {name!r} was not expected"
        if not _permitted_value(value, expected.arguments[name], _schema(schemas, name), language):
            return f"the argument {name!r} is {value!r}, which is not among the expected values or of another type"
    left_out = (name for name, values in expected.arguments.items() if name not in given and OPTIONAL not in values)
    missing = next(left_out, None)
    return None if missing is None else f"the argument {missing!r} is missing"


def _permitted_value(
    value: object, options: Sequence[JsonValue], schema: Mapping[str, Any], language: Language
) -> bool:
    if language == "python":
        return permitted(value, options, schema)
    return isinstance(value, str) and permitted(source_value(value, schema, language), options, schema, TYPES[language])


def _permitted(case: Case, listed: JsonValue) -> PermittedCall:
    match listed:
        case {"name": str(name), "arguments": dict(arguments)}:
            return PermittedCall(name, {each: [value] for each, value in arguments.items()})
        case dict() if len(listed) == 1:
            name, options = next(iter(listed.items()))
            if isinstance(options, dict) and all(isinstance(values, list) for values in options.values()):
                return PermittedCall(name, cast("dict[str, list[JsonValue]]", options))
        case _:
            pass
    raise CannotJudge(
        f"An expected call of case {case.id!r} is neither {{name: {{argument: [values]}}}} "
        f"nor {{'name': ..., 'arguments': {{...}}}} but {str(listed)[:200]}."
    )


def _schemas(tool: Tool | None) -> Mapping[str, Any] | None:
    found = tool.parameters.get("properties") if tool else None
    return found if isinstance(found, dict) else None


def _schema(schemas: Mapping[str, Any] | None, name: str) -> Mapping[str, Any]:
    found: Any = schemas.get(name) if schemas else None
    return cast("dict[str, Any]", found) if isinstance(found, dict) else {}
