"""A call written in Java or JavaScript with named arguments: `Geometry.area(base=10, unit="m", parts=new int[]{1, 2})`.

Nothing is run, and values stay source text, which `evaluators.calls.source_values` reads by the types of the tool; of a
text alone the quotes are taken off.
"""

import re
from collections.abc import Iterator

from evaluators.calls.python_calls import LONGEST, Call, NoCalls

CALL = re.compile(r"([A-Za-z_$][\w.$]*)\s*\((.*)\)\s*;?", re.DOTALL)
NAMED = re.compile(r"([A-Za-z_$][\w$]*)\s*=(?![=>])\s*(.*)", re.DOTALL)
GENERIC = re.compile(r"(?<=\w)<[\w\s,.?\[\]<>]{0,200}>")
QUOTED = re.compile(r"\"(?:[^\"\\]|\\.)*\"|'(?:[^'\\]|\\.)*'", re.DOTALL)
OPENING, CLOSING = "([{", ")]}"


def source_calls(text: str) -> list[Call]:
    """The one call that the text is, brackets around it or not. Raises NoCalls."""
    text = text.strip("`\n ").removeprefix("[").removesuffix("]").strip()
    if len(text) > LONGEST:
        raise NoCalls(f"it has more than {LONGEST} characters")
    found = CALL.fullmatch(text)
    if found is None:
        raise NoCalls("it is no call of a function")
    return [Call(found[1], dict(map(_argument, _arguments(found[2]))))]


def _argument(text: str) -> tuple[str, object]:
    """One without a name bears none, and so is expected nowhere."""
    named = NAMED.fullmatch(text)
    return (named[1], _bare(named[2].strip())) if named else ("", text)


def _bare(value: str) -> str:
    return value[1:-1] if QUOTED.fullmatch(value) else value


def _arguments(text: str) -> Iterator[str]:
    """Parted at the commas outside of brackets, quotes and generic types. Raises NoCalls."""
    opaque = {at for pattern in (QUOTED, GENERIC) for match in pattern.finditer(text) for at in range(*match.span())}
    start, depth = 0, 0
    for at, character in enumerate(text):
        if at in opaque:
            continue
        depth += (character in OPENING) - (character in CLOSING)
        if depth < 0:
            raise NoCalls("it is more than one call")
        if character == "," and not depth:
            yield text[start:at].strip()
            start = at + 1
    if text[start:].strip():
        yield text[start:].strip()
