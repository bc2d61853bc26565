"""What a validation found wrong, in our words: `must be a whole number`, to be put behind the name of a field.

Pydantic's own messages speak of inputs, dictionaries and parsing to people who wrote YAML or JSON.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

from core.patterns import IN_WORDS

KINDS: Final = {
    "string": "text",
    "int": "a whole number",
    "float": "a number",
    "decimal": "a number",
    "bool": "true or false",
    "list": "a list",
    "tuple": "a list",
    "set": "a list",
    "dict": "an object",
    "mapping": "an object",
    "model": "an object",
    "datetime": "a date and a time such as 2026-11-23T12:00:00Z",
    "timezone": "a date and a time with its zone, such as 2026-11-23T12:00:00Z",
}
"""By the first word of the error's type: `int_parsing`, `int_type`, `int_from_float`, ..."""
BOUNDS: Final = {
    "missing": "is required",
    "extra_forbidden": "is not known",
    "greater_than_equal": "must be at least {ge}",
    "greater_than": "must be more than {gt}",
    "less_than_equal": "must be at most {le}",
    "less_than": "must be less than {lt}",
    "string_too_short": "must have at least {min_length} characters",
    "string_too_long": "must have at most {max_length} characters",
    "too_short": "must have at least {min_length} entries",
    "too_long": "must have at most {max_length} entries",
    "string_pattern_mismatch": "must have the form {pattern}",
    "literal_error": "must be {expected}",
    "enum": "must be {expected}",
    "multiple_of": "must be a multiple of {multiple_of}",
    "finite_number": "must be a finite number",
    "none_required": "must be null",
    "union_tag_not_found": "must say which it is, in {discriminator}",
    "union_tag_invalid": "must be one of {expected_tags} in {discriminator}",
}
SUBJECT: Final = re.compile(r"^(?:Input|String|List|Tuple|Set|Dictionary|Value|Number|Data) should ")


def must(error: Mapping[str, Any]) -> str | None:
    """What the value at the error's place must be; None for an error whose message is a sentence of its own.

    `error` is one of `ValidationError.errors()`, its context included.
    """
    kind = str(error["type"])
    bounds: dict[str, Any] = error.get("ctx") or {}
    if kind == "string_pattern_mismatch" and bounds.get("pattern") in IN_WORDS:
        return IN_WORDS[bounds["pattern"]]
    if kind in BOUNDS:
        said = BOUNDS[kind].format_map(bounds)
        return re.sub(r"\bat least 1 entries", "at least one entry", said).replace(
            "least 1 characters", "least one character"
        )
    first, _, rest = kind.partition("_")
    if rest and first in KINDS:
        return f"must be {KINDS[first]}"
    message = str(error["msg"])
    return SUBJECT.sub("must ", message).rstrip(".") if SUBJECT.match(message) else None


def own_words(error: Mapping[str, Any]) -> str:
    """The message of an error that a check of ours raised, without what pydantic puts before it."""
    return str(error["msg"]).removeprefix("Value error, ").rstrip(".")


def pointer(parts: Sequence[str | int]) -> str:
    """RFC 6901. The empty pointer is the whole document."""
    return "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in parts)
