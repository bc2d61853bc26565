"""Values written in Java or JavaScript, read as the Berkeley Function Calling Leaderboard reads them (Patil et al.,
ICML 2025; its converters of types): as the type that the tool wants, and where they are not of that type, as text.

Collections are read as simply as there: parted at every comma, whatever stands around it.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal, cast

Language = Literal["python", "java", "javascript"]
Reader = tuple[re.Pattern[str], Callable[[str], object]]

LONGEST = 2_000
"""Characters of a collection, and digits of a number: what is longer stays text."""
SPACES = re.compile(r"\s+")
WHOLE = re.compile(r"-?\d{1,300}")
DECIMAL = re.compile(r"-?\d{1,300}(\.\d{1,300})?([eE][+-]?\d{1,9})?")
TRUTH: Reader = (re.compile("true|false"), lambda text: text == "true")
LONG: Reader = (re.compile(r"-?\d{1,300}[lL]"), lambda text: int(text[:-1]))
FLOAT: Reader = (re.compile(DECIMAL.pattern + "[fF]"), lambda text: float(text[:-1]))

UNTYPED: Sequence[Reader] = (TRUTH, (WHOLE, int), (DECIMAL, float))
QUOTES: Mapping[Language, str] = {"python": "", "java": '"', "javascript": "\"'"}

READERS: Mapping[Language, Mapping[str, Reader]] = {
    "python": {},
    "java": {
        "byte": (WHOLE, int),
        "short": (WHOLE, int),
        "integer": (WHOLE, int),
        "long": LONG,
        "float": FLOAT,
        "double": (DECIMAL, float),
        "boolean": TRUTH,
    },
    "javascript": {
        "integer": (WHOLE, int),
        "float": (re.compile(r"-?\d{1,300}(\.\d{1,300})?"), float),
        "Bigint": (re.compile(r"-?\d{1,300}n"), lambda text: int(text[:-1])),
        "Boolean": TRUTH,
        "String": (re.compile(r"\".*\"|'.*'", re.DOTALL), lambda text: text[1:-1]),
    },
}
TYPES: Mapping[Language, Mapping[str, type]] = {
    "python": {},
    "java": {
        **dict.fromkeys(("byte", "short", "integer", "long"), int),
        **dict.fromkeys(("float", "double"), float),
        **dict.fromkeys(("Array", "ArrayList", "Queue", "Stack"), list),
        **dict.fromkeys(("HashMap", "Hashtable"), dict),
        **dict.fromkeys(("char", "String", "any"), str),
        "boolean": bool,
    },
    "javascript": {
        "String": str, "any": str, "integer": int, "Bigint": int, "float": float, "Boolean": bool,
        "array": list, "dict": dict,
    },
}  # fmt: skip
"""What the names of types come to once values are read."""

AS_LIST = re.compile(r"new\s+ArrayList<\w*>\(Arrays\.asList\((.+?)\)\)")
ADDED = re.compile(r"new\s+ArrayList<\w*>\(\)\s*\{\{\s*(.+?)\s*\}\}", re.DOTALL)
ADD = re.compile(r"add\((.+?)\)")
EMPTY_LIST = re.compile(r"new\s+ArrayList<\w*>\(\)")
ARRAY = re.compile(r"new\s+\w+\[\]\s*\{(.*?)\}")
HASH_MAP = re.compile(r"new\s+HashMap<.*?>\s*\(\)(?:\s*\{\s*\{?\s*(.*?)\s*\}?\s*\})?", re.DOTALL)
PUT = re.compile(r'put\("(.*?)"\s*,\s*(.*?)\)')
JS_ARRAY = re.compile(r"\[(.*?)\]|new\s+Array\((.*?)\)")
JS_NESTED = re.compile(r"(?:\[|new\s+Array\()\s*\[")
JS_INNER = re.compile(r"\[(.*?)\]")
JS_OBJECT = re.compile(r"\{(.*?)\}")
JS_PAIR = re.compile(r"([^:]+):\s*(.*?)(?:,\s*(?=[^,]+:)|$)")


def source_value(text: str, schema: Mapping[str, Any], language: Language) -> object:
    """The value that the text is in this language, for a parameter of this schema."""
    items = schema.get("items")
    inner = cast("dict[str, Any]", items).get("type") if isinstance(items, dict) else None
    return _as(text, str(schema.get("type")), None if inner is None else str(inner), language)


def _as(text: str, kind: str, inner: str | None, language: Language) -> object:
    reader = READERS[language].get(kind)
    if reader is not None:
        pattern, read = reader
        return read(text) if pattern.fullmatch(text) else text
    if len(text) > LONGEST:
        return text
    # Spaces are not compared, and long runs of them would take the patterns for ever.
    text = SPACES.sub(" ", text)
    match language, kind:
        case "java", "ArrayList":
            return _array_list(text, inner)
        case "java", "Array":
            found = ARRAY.search(text)
            return _elements([each for each in _parted(found[1]) if each], inner, language) if found else text
        case "java", "HashMap":
            return _hash_map(text)
        case "javascript", "array":
            return _array(text.strip(), inner)
        case "javascript", "dict":
            return _object(text.strip())
        case _:
            return text


def _parted(text: str) -> list[str]:
    return [each.strip() for each in text.split(",")]


def _elements(texts: Sequence[str], inner: str | None, language: Language) -> list[object]:
    return [_untyped(each, language) if inner is None else _as(each, inner, None, language) for each in texts]


def _array_list(text: str, inner: str | None) -> object:
    found = AS_LIST.search(text)
    texts = _parted(found[1]) if found else None
    if texts is None and (added := ADDED.search(text)):
        texts = [each.strip() for each in ADD.findall(added[1])]
    if texts is None:
        return [] if EMPTY_LIST.search(text) else text
    if inner in ("char", "String"):
        return [each[1:-1] for each in texts]
    return _elements(texts, inner, "java")


def _hash_map(text: str) -> object:
    found = HASH_MAP.search(text)
    return {name: _untyped(value, "java") for name, value in PUT.findall(found[1] or "")} if found else text


def _array(text: str, inner: str | None) -> object:
    if JS_NESTED.match(text) and "]" in text:
        rows = [_parted(row.strip().removeprefix("[")) for row in JS_INNER.findall(text)]
        return [_elements(row, None, "javascript") for row in rows]
    found = JS_ARRAY.match(text)
    if found is None:
        return text
    content = (found[1] if found[1] is not None else found[2]).strip()
    return _elements(_parted(content) if content else [], inner, "javascript")


def _object(text: str) -> object:
    found = JS_OBJECT.match(text)
    if found is None:
        return text
    return {name.strip().strip("'\""): _field(value.strip()) for name, value in JS_PAIR.findall(found[1])}


def _field(text: str) -> object:
    if text.startswith("[") and text.endswith("]"):
        return _array(text, None)
    if text.startswith("{") and text.endswith("}"):
        return _object(text)
    return _untyped(text.strip("'\""), "javascript")


def _untyped(text: str, language: Language) -> object:
    """What a value looks like that nobody says the type of."""
    text = text.strip()
    if len(text) > 1 and text[0] == text[-1] and text[0] in QUOTES[language]:
        return text[1:-1]
    for pattern, read in (*UNTYPED, *((LONG, FLOAT) if language == "java" else ())):
        if pattern.fullmatch(text):
            return read(text)
    return text
