"""Two descriptions of the API held against each other: what differs, and what of it breaks clients."""

from collections.abc import Iterator
from typing import Any, Literal, cast

Side = Literal["request", "response"]
Object = dict[str, Any]


def differences(old: object, new: object, place: str = "") -> Iterator[str]:
    """One line for each place that differs, the outermost ones."""
    if isinstance(old, dict) and isinstance(new, dict):
        before, after = cast("Object", old), cast("Object", new)
        for key in dict.fromkeys([*before, *after]):
            inner = f"{place} > {key}"
            if key not in after:
                yield f"{inner}: gone"
            elif key not in before:
                yield f"{inner}: new"
            else:
                yield from differences(before[key], after[key], inner)
    elif old != new:
        yield f"{place}: {_short(cast(Any, old))} -> {_short(cast(Any, new))}"


def breaks(old: Object, new: Object) -> list[str]:
    """Every change that a client of the old API could stumble over, in a sentence."""
    return sorted(set(Comparison(old, new).all()))


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 80 else f"{text[:77]}..."


class Comparison:
    def __init__(self, old: Object, new: Object) -> None:
        self._old, self._new = old, new
        self._seen: set[tuple[str, str, str]] = set()

    def all(self) -> Iterator[str]:
        for path, methods in self._old["paths"].items():
            for method, operation in methods.items():
                name = f"{method.upper()} {path}"
                now = self._new["paths"].get(path, {}).get(method)
                if now is None:
                    yield f"{name} is gone."
                else:
                    yield from self._operation(name, operation, now)

    def _operation(self, name: str, old: Object, new: Object) -> Iterator[str]:
        if old["operationId"] != new["operationId"]:
            yield f"{name} is named {new['operationId']} instead of {old['operationId']}."
        yield from self._parameters(name, _named(self._old, old), _named(self._new, new))
        body, body_now = old.get("requestBody", {}), new.get("requestBody", {})
        if body_now.get("required") and not body.get("required"):
            yield f"{name} needs a body."
        yield from self._contents(f"{name}, its body", "request", body, body_now)
        for status, answer in old["responses"].items():
            if status < "300" and status not in new["responses"]:
                yield f"{name} answers no {status} any more."
            elif status < "300":
                yield from self._contents(f"{name}, its {status}", "response", answer, new["responses"][status])

    def _parameters(self, name: str, old: Object, new: Object) -> Iterator[str]:
        for key, parameter in old.items():
            if key not in new:
                yield f"{name} takes no parameter {key} any more."
            else:
                place = f"{name}, parameter {key}"
                yield from self._schema(place, "request", parameter.get("schema", {}), new[key].get("schema", {}))
        for key, parameter in new.items():
            if parameter.get("required") and not old.get(key, {}).get("required"):
                yield f"{name} needs the parameter {key}."

    def _contents(self, place: str, side: Side, old: Object, new: Object) -> Iterator[str]:
        for media_type, content in old.get("content", {}).items():
            if media_type not in new.get("content", {}):
                yield f"{place} is no {media_type} any more."
            else:
                yield from self._schema(
                    place, side, content.get("schema", {}), new["content"][media_type].get("schema", {})
                )

    def _schema(self, place: str, side: Side, old: Object, new: Object) -> Iterator[str]:
        if "$ref" in old and "$ref" in new:
            pair = (side, old["$ref"], new["$ref"])
            if pair in self._seen:
                return
            self._seen.add(pair)
            place = old["$ref"].rpartition("/")[2] if side == "request" else f"{old['$ref'].rpartition('/')[2]} (sent)"
        old, new = resolved(self._old, old), resolved(self._new, new)
        if "type" in old and "type" in new and old["type"] != new["type"]:
            yield f"{place} is {new['type']} instead of {old['type']}."
        if side == "request":
            yield from _narrower(place, old, new)
        yield from self._fields(place, side, old, new)
        for key in ("items", "additionalProperties"):
            if isinstance(old.get(key), dict) and isinstance(new.get(key), dict):
                yield from self._schema(place, side, old[key], new[key])
        yield from self._variants(place, side, old, new)

    def _fields(self, place: str, side: Side, old: Object, new: Object) -> Iterator[str]:
        fields, fields_now = old.get("properties", {}), new.get("properties", {})
        for name, schema in fields.items():
            if name not in fields_now:
                yield f"{place} has no field {name} any more."
            else:
                yield from self._schema(f"{place} > {name}", side, schema, fields_now[name])
        if side == "request":
            for name in sorted(set(new.get("required", ())) - set(old.get("required", ()))):
                yield f"{place} needs the field {name}."
        else:
            for name in sorted(set(old.get("required", ())) - set(new.get("required", ()))):
                yield f"{place} may lack the field {name}."

    def _variants(self, place: str, side: Side, old: Object, new: Object) -> Iterator[str]:
        for key in ("anyOf", "oneOf"):
            now = {_kind(each): each for each in new.get(key, ())}
            for each in old.get(key, ()):
                if _kind(each) in now:
                    yield from self._schema(place, side, each, now[_kind(each)])
                elif side == "request":
                    yield f"{place} may be no {_kind(each)} any more."


def _narrower(place: str, old: Object, new: Object) -> Iterator[str]:
    if "enum" in new:
        for value in old.get("enum", ()):
            if value not in new["enum"]:
                yield f"{place} may be {value!r} no more."
    for key, tighter in (("maxLength", -1), ("maximum", -1), ("maxItems", -1), ("minLength", 1), ("minimum", 1)):
        if key in new and (key not in old or (new[key] - old[key]) * tighter > 0):
            yield f"{place} has the {key} {new[key]} instead of {old.get(key, 'none')}."


def _named(document: Object, operation: Object) -> Object:
    parameters = [resolved(document, each) for each in operation.get("parameters", ())]
    return {f"{each['name']} ({each['in']})": each for each in parameters}


def resolved(document: Object, schema: Object) -> Object:
    """What a reference leads to; anything else as it is."""
    while "$ref" in schema:
        found: Any = document
        for step in schema["$ref"].removeprefix("#/").split("/"):
            found = found[step]
        schema = found
    return schema


def _kind(schema: Object) -> str:
    return str(schema.get("$ref") or schema.get("const") or schema.get("title") or schema.get("type"))
