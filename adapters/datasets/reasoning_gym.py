"""The source `reasoning_gym`: procedural tasks with their own verifiers, of any size, for any seed.

The case keeps as metadata what the evaluator `reasoning_gym` needs: `entry`, the task's own entry as JSON, and
`config`, the settings it was made with.
"""

import math
from collections.abc import AsyncGenerator, Iterator, Sequence
from contextlib import asynccontextmanager
from typing import Any, cast

from pydantic import ConfigDict, Field, JsonValue, field_validator, model_validator

from adapters.datasets.gym import Generator, entries, generator
from adapters.datasets.gym_process import ORDER_DEPENDENT, entries_in_order
from adapters.datasets.source import DatasetContext, Row, Table
from core.errors import InvalidDataset
from core.model import Name
from core.plugins import Plugin, PluginSettings

SIZE = 50
SIZE_LIMIT = 1_000_000


class Task(PluginSettings):
    """One task. Settings besides these are the task's own, such as `min_digits: 1`."""

    model_config = ConfigDict(extra="allow")

    task: str
    name: Name | None = None
    """What its cases' ids begin with. Default: the task's name."""
    size: int | None = Field(default=None, ge=1, le=SIZE_LIMIT)
    """How many cases. Default: the source's `size`."""
    category: str | None = None
    """Default: the category that reasoning-gym puts the task in."""
    config: dict[str, JsonValue] = Field(default_factory=dict[str, JsonValue])
    """The task's own settings, where one of them is named like a setting here."""

    @property
    def label(self) -> str:
        return self.name or self.task

    @property
    def own(self) -> dict[str, JsonValue]:
        return {**(self.__pydantic_extra__ or {}), **self.config}

    def generator(self, *, seed: int, size: int) -> Generator:
        """Raises ValueError for an unknown task and for settings it rejects."""
        return generator(self.task, seed=seed, size=self.size or size, config=self.own)


TasksInput = str | list[str | Task] | dict[str, int | dict[str, Any] | None]


class ReasoningGymSettings(PluginSettings):
    tasks: tuple[Task, ...] = Field(min_length=1, max_length=200)
    """Tasks: names, or objects with `task` and its settings, or an object of settings by name."""
    seed: int = 42
    """Every task makes the same cases for the same seed."""
    size: int = Field(default=SIZE, ge=1, le=SIZE_LIMIT)
    """How many cases of each task that does not say itself."""

    @field_validator("tasks", mode="before", json_schema_input_type=TasksInput)
    @classmethod
    def _spelled_out(cls, value: object) -> object:
        match value:
            case dict():
                named = cast("dict[str, object]", value).items()
                return [{"task": name, **_settings(settings)} for name, settings in named]
            case list() | tuple():
                tasks = cast("Sequence[object]", value)
                return [{"task": task} if isinstance(task, str) else task for task in tasks]
            case str():
                return [{"task": value}]
            case _:
                return value

    @model_validator(mode="after")
    def _possible(self) -> "ReasoningGymSettings":
        labels = [task.label for task in self.tasks]
        if twice := sorted({label for label in labels if labels.count(label) > 1}):
            raise ValueError(f"two tasks are called {twice[0]!r}; give each its own `name`")
        for task in self.tasks:
            task.generator(seed=self.seed, size=self.size)
        return self


class ReasoningGymSource:
    keeps = ("entry", "config")

    def __init__(self, settings: ReasoningGymSettings, context: DatasetContext) -> None:
        self._settings = settings

    @asynccontextmanager
    async def open(self) -> AsyncGenerator[Sequence[Table]]:
        # Entries are made while the tables are read, in the reader's thread.
        yield [Table(task.label, self._rows(task), "item") for task in self._settings.tasks]

    def _rows(self, task: Task) -> Iterator[Row]:
        made = task.generator(seed=self._settings.seed, size=self._settings.size)
        category = task.category if task.category is not None else made.category
        shared = {"task": task.task, "category": category, **({"config": task.own} if task.own else {})}
        for index, entry in enumerate(self._entries(task, made)):
            try:
                plain = cast("dict[str, Any]", _json(entry))
            except TypeError as error:
                raise InvalidDataset(f"The task {task.task!r} makes entries that are no JSON: {error}.") from error
            case = {"id": f"{task.label}-{index}", "input": plain["question"], "expected": plain["answer"]}
            yield Row(index + 1, {**case, "entry": plain, **shared})

    def _entries(self, task: Task, made: Generator) -> Iterator[dict[str, Any]]:
        if task.task in ORDER_DEPENDENT:
            return entries_in_order(task.task, seed=self._settings.seed, size=len(made), config=task.own)
        return entries(made)


def _settings(value: object) -> dict[str, object]:
    """What stands behind a task's name: its settings, its size, or nothing."""
    if value is None:
        return {}
    return cast("dict[str, object]", value) if isinstance(value, dict) else {"size": value}


def _json(value: object) -> JsonValue:
    """Plain JSON of what tasks put in their entries: tuples become lists, keys become text."""
    match value:
        case None | bool():
            return value
        case str():
            return str(value)
        case int():
            return int(value)
        case float():
            return float(value) if math.isfinite(value) else str(value)
        case list() | tuple():
            return [_json(item) for item in cast("Sequence[object]", value)]
        case dict():
            return {str(key): _json(item) for key, item in cast("dict[object, object]", value).items()}
        case _:
            raise TypeError(f"a {type(value).__name__}")


plugin = Plugin(
    ReasoningGymSettings, ReasoningGymSource, summary="Procedural tasks of reasoning-gym, with their own verifiers."
)
