"""JSON Schemas, compiled once. References lead nowhere outside the schema; patterns are searched under a time limit."""

from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from typing import Any, cast

import orjson
import regex
from pydantic import JsonValue

from core.errors import CannotJudge, listed
from evaluators.patterns import compiled, matches

Schema = Mapping[str, JsonValue] | bool


class BadSchema(ValueError):
    """What was given is no JSON Schema, or one that cannot be followed."""


def complaint(schema: Schema, value: JsonValue) -> str | None:
    """What is wrong with the value, and where; None when it fits. Raises BadSchema or TooSlow."""
    from jsonschema import exceptions
    from referencing.exceptions import Unresolvable

    try:
        worst = cast("Any", exceptions).best_match(checked(schema).iter_errors(value))
    except (regex.error, Unresolvable) as error:
        raise BadSchema(f"The schema cannot be followed: {error}.") from error
    except RecursionError as error:
        raise CannotJudge("The schema or the answer is nested too deep.") from error
    return None if worst is None else f"{worst.json_path}: {worst.message}"


def checked(schema: Schema) -> Any:
    """The validator of the schema. Raises BadSchema."""
    return _validator(orjson.dumps(schema))


@lru_cache(maxsize=256)
def _validator(canonical: bytes) -> Any:
    from jsonschema import exceptions, validators
    from referencing import Registry

    schema, library = orjson.loads(canonical), cast("Any", validators)
    base = library.validator_for(schema, default=library.Draft202012Validator)
    try:
        base.check_schema(schema)
    except (exceptions.SchemaError, RecursionError) as error:
        said = getattr(error, "message", "it is nested too deep")
        raise BadSchema(f"This is no JSON Schema: {said}.") from error
    # A registry of its own, for the default one fetches what a `$ref` names.
    return library.extend(base, SEARCHING)(schema, registry=cast("Any", Registry)())


def _pattern(validator: Any, wanted: str, instance: Any, schema: Any) -> Iterator[Exception]:
    if validator.is_type(instance, "string") and not _found(wanted, instance):
        yield _wrong(f"{instance!r} does not match {wanted!r}")


def _pattern_properties(validator: Any, wanted: Any, instance: Any, schema: Any) -> Iterator[Exception]:
    if validator.is_type(instance, "object"):
        for each, subschema in wanted.items():
            for name in [name for name in instance if _found(each, name)]:
                yield from validator.descend(instance[name], subschema, path=name, schema_path=each)


def _additional_properties(validator: Any, wanted: Any, instance: Any, schema: Any) -> Iterator[Exception]:
    if not validator.is_type(instance, "object"):
        return
    named, patterns = schema.get("properties", {}), schema.get("patternProperties", {})
    extras = [name for name in instance if name not in named and not any(_found(each, name) for each in patterns)]
    if extras and wanted is False:
        yield _wrong(f"{listed(list(map(repr, extras)))} may not be there")
    for name in extras if isinstance(wanted, dict) else ():
        yield from validator.descend(instance[name], wanted, path=name)


SEARCHING: dict[str, Callable[..., Iterator[Exception]]] = {
    "pattern": _pattern,
    "patternProperties": _pattern_properties,
    "additionalProperties": _additional_properties,
}
"""The keywords that search by regular expressions, which the library does without a time limit."""


def _wrong(message: str) -> Exception:
    from jsonschema.exceptions import ValidationError

    return ValidationError(message)


def _found(pattern: str, text: str) -> bool:
    return next(matches(compiled(pattern, by_line=False), text), None) is not None


def as_schema(given: JsonValue) -> Schema:
    """A schema from a setting or a column: an object, `true`, `false`, or JSON text of these. Raises BadSchema."""
    try:
        schema = orjson.loads(given) if isinstance(given, str) else given
    except ValueError as error:
        raise BadSchema("The text is no JSON.") from error
    if not isinstance(schema, dict | bool):
        raise BadSchema("A JSON Schema is an object.")
    checked(cast("Schema", schema))
    return cast("Schema", schema)
