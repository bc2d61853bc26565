"""The reasoning-gym package, imported when it is first needed: that takes seconds."""

import dataclasses
import difflib
import warnings
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any, Protocol, cast

from core.errors import listed
from core.satisfiability import stand_in

CLOSE = 3
"""Names offered for one that does not exist."""


class Generator(Protocol):
    """A task: makes its entries by their place, the same ones for the same seed."""

    category: str

    def __len__(self) -> int: ...

    def __getitem__(self, index: int) -> dict[str, Any]: ...


@cache
def _registry() -> Mapping[str, tuple[Any, type]]:
    stand_in()
    with warnings.catch_warnings():
        # One of its dependencies compares with `is`; that is only said when it is compiled.
        warnings.simplefilter("ignore")
        from reasoning_gym.factory import DATASETS  # pyright: ignore[reportMissingTypeStubs, reportUnknownVariableType]
    tasks = cast("Mapping[str, tuple[Any, type]]", DATASETS)
    return {name: task for name, task in tasks.items() if name != "composite"}


def task_names() -> list[str]:
    return sorted(_registry())


def generator(task: str, *, seed: int, size: int, config: Mapping[str, Any]) -> Generator:
    """The task, ready to make `size` entries. Raises ValueError, saying what would be right."""
    if task not in _registry():
        close = difflib.get_close_matches(task, task_names(), CLOSE, 0.5)
        hint = f"did you mean {' or '.join(close)}?" if close else f"there are: {listed(task_names())}."
        raise ValueError(f"there is no task {task!r} in reasoning-gym; {hint}")
    make, settings = _registry()[task]
    known = {field.name for field in dataclasses.fields(settings)} - {"seed", "size"}
    if unknown := sorted(set(config) - known):
        raise ValueError(f"the task {task!r} has no setting {unknown[0]!r}; its settings are: {listed(sorted(known))}")
    try:
        chosen = settings(seed=seed, size=size, **config)
        if hasattr(chosen, "validate"):
            chosen.validate()
        return cast("Generator", make(config=chosen))
    except (AssertionError, ValueError, TypeError) as error:
        raise ValueError(f"the task {task!r} rejects its settings: {error}") from error


def entries(made: Generator) -> Iterator[dict[str, Any]]:
    for index in range(len(made)):
        yield made[index]
