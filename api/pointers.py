"""Where in a request a validation error is: a JSON pointer into the body, or a parameter's name."""

from collections.abc import Sequence
from typing import cast

from core.mistakes import pointer


def pointer_into(document: object, location: Sequence[str | int]) -> str:
    """The pointer for pydantic's location of an error in this document.

    Pydantic puts the names of union members between the real steps: a step that leads nowhere is left out,
    but for the last, which may be the name of a missing or an unknown field.
    """
    steps: list[str | int] = []
    node: object = document
    for position, step in enumerate(location):
        inner = _child(node, step)
        if inner is not MISSING:
            steps.append(step)
            node = inner
        elif position == len(location) - 1 and _has_fields(node):
            steps.append(step)
    return pointer(steps)


MISSING = object()


def _child(node: object, step: str | int) -> object:
    if isinstance(node, dict):
        return cast("dict[object, object]", node).get(step, MISSING)
    if isinstance(node, list) and isinstance(step, int) and 0 <= step < len(cast("list[object]", node)):
        return cast("list[object]", node)[step]
    return MISSING


def _has_fields(node: object) -> bool:
    return isinstance(node, dict)
