"""A JSON Schema of the service as the text of a model of the client.

Answers may grow: a field that may be null may also be absent, a closed list of words takes other words too, and a
union of models has a last member for what is newer than the client.
"""

import json
import keyword
import textwrap
from collections.abc import Collection, Mapping
from typing import Any, Final, cast

from pydantic import BaseModel

Schema = Mapping[str, Any]
SCALARS: Final = {"integer": "int", "number": "float", "boolean": "bool", "null": "None"}
WIDTH: Final = 112


def class_name(schema: str) -> str:
    """
    >>> class_name("core__metrics__Interval"), class_name("Timing-Output")
    ('MetricsInterval', 'Timing')
    """
    *modules, name = schema.removesuffix("-Output").split("__")
    return f"{modules[-1].title()}{name}" if modules else name


def class_text(name: str, schema: Schema, kind: str = "Answer", there: Collection[str] = ()) -> str:
    """A class of that kind, without the fields that are there already."""
    required = set(schema.get("required", ()))
    lines = [f"class {class_name(name)}({kind}):"]
    if said := schema.get("description"):
        lines += [*_documentation(said), ""]
    own = {field: said for field, said in schema.get("properties", {}).items() if field not in there}
    lines += [_field(field, said, needed=field in required) for field, said in own.items()]
    return "\n".join(lines if len(lines) > 1 else [*lines, "    pass"])


def type_text(schema: Schema) -> str:
    """The annotation of a value of this schema."""
    if "$ref" in schema:
        return class_name(schema["$ref"].rpartition("/")[2])
    if "const" in schema:
        return f"Literal[{json.dumps(schema['const']).replace('true', 'True').replace('false', 'False')}]"
    if "enum" in schema:
        return f"Literal[{', '.join(json.dumps(each) for each in schema['enum'])}] | str"
    if members := schema.get("anyOf") or schema.get("oneOf"):
        return _union(members)
    match schema.get("type"):
        case "string":
            return "datetime" if schema.get("format") == "date-time" else "str"
        case "array":
            return f"tuple[{_items(schema)}]"
        case "object":
            inner = schema.get("additionalProperties")
            value = type_text(cast("Schema", inner)) if isinstance(inner, dict) else "JsonValue"
            return f"dict[str, {value}]"
        case str() as scalar:
            return SCALARS[scalar]
        case _:
            return "JsonValue"


def _items(schema: Schema) -> str:
    if "prefixItems" in schema:
        return ", ".join(type_text(each) for each in schema["prefixItems"])
    return f"{type_text(schema['items'])}, ..."


def _union(members: list[Schema]) -> str:
    """Null comes last, and before it what takes any object, where there are models to choose from."""
    texts = [type_text(each) for each in members if each.get("type") != "null"]
    models = sum("$ref" in each for each in members)
    other = ["Other"] if models > 1 else []
    return " | ".join(dict.fromkeys([*texts, *other, *(["None"] if len(texts) < len(members) else [])]))


def _field(name: str, schema: Schema, *, needed: bool) -> str:
    kind, arguments = type_text(schema), list[str]()
    if kind.endswith("None"):
        arguments.append("default=None")
    elif not needed and (default := _default(schema)) is not None:
        arguments.append(default)
    if "Other" in kind:
        arguments.append('union_mode="left_to_right"')
    if schema.get("format") == "password":
        arguments.append("repr=False")
    own = name
    if keyword.iskeyword(name) or hasattr(BaseModel, name):
        own = f"{name}_"
        arguments.append(f"alias={name!r}")
    text = f"    {own}: {kind}"
    if len(arguments) == 1 and arguments[0].startswith("default="):
        text += f" = {arguments[0].removeprefix('default=')}"
    elif arguments:
        text += f" = Field({', '.join(arguments)})"
    return "\n".join([text, *_documentation(schema["description"])]) if "description" in schema else text


def _default(schema: Schema) -> str | None:
    """What an absent field means; None for one that the service always tells."""
    match schema.get("default"):
        case list():
            return "default=()"
        case str() | bool() | int() | float() as value:
            return f"default={value!r}"
        case _:
            return "default_factory=dict" if type_text(schema).startswith("dict") else None


def _documentation(text: str) -> list[str]:
    lines = [part for line in text.splitlines() for part in (textwrap.wrap(line, WIDTH) or [""])]
    if len(lines) == 1 and len(lines[0]) < WIDTH - 4:
        return [f'    """{lines[0]}"""']
    return [f'    """{lines[0]}', *(f"    {line}".rstrip() for line in lines[1:]), '    """']
