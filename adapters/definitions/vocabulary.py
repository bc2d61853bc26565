"""Which keys a definition knows at a place, and which of them a typing mistake may have meant."""

import difflib
from collections.abc import Iterator, Sequence
from typing import Any, get_args

from pydantic import BaseModel

from core.benchmarks import BenchmarkDefinition


def keys_at(path: Sequence[str | int], root: Any = BenchmarkDefinition) -> list[str]:
    """The keys of the object at this place of a definition, plugins' own settings aside; or of another root, a model
    or a union of several."""
    models = list(_models(root))
    for part in path:
        if isinstance(part, str):
            models = [
                inner
                for model in models
                if part in model.model_fields
                for inner in _models(model.model_fields[part].annotation)
            ]
    return sorted({name for model in models for name in model.model_fields})


def meant(word: str, known: Sequence[str]) -> str | None:
    """The known word closest to this one, if one is close."""
    close = difflib.get_close_matches(word.lower(), [name.lower() for name in known], 1, 0.6)
    return next((name for name in known if close and name.lower() == close[0]), None)


def _models(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for argument in get_args(annotation):
        yield from _models(argument)
