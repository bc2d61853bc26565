"""The plugin registry: one door for built-in and third-party agents, datasets and evaluators.

A plugin is one file that ends in `plugin = Plugin(Settings, build)` and is named by an entry point in
the group `benchmark.agents`, `benchmark.datasets` or `benchmark.evaluators`; the entry point's name is its
`kind`. Its durable form is `{"kind": "exact", "ignore_case": true}`.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.metadata import entry_points
from typing import Any, Generic, Literal, TypeVar, cast

from pydantic import BaseModel, ConfigDict, JsonValue, ValidationError

from core.errors import InvalidPlugin, listed
from core.mistakes import must, own_words
from core.model import Model
from core.verdicts import Counted, Counts

Group = Literal["agents", "datasets", "embedders", "evaluators", "exporters", "importers"]
CodeExecution = Literal["off", "sandboxed", "unconfined"]
"""What the operator lets code that agents wrote do: nothing; run where the machine has a sandbox (bubblewrap); or run
without one, limited in time, memory and processes, but able to reach files and the network."""
CODE_PERMISSION = "BENCHMARK_CODE_EXECUTION"
"""Where a side process finds the operator's word on it."""
S = TypeVar("S", bound="PluginSettings")
T = TypeVar("T")


class SettingsPart(Model):
    """Settings that several plugins share. A text behind a field describes it to whoever asks for the settings."""

    model_config = ConfigDict(use_attribute_docstrings=True)


class PluginSettings(SettingsPart):
    """The arguments of a plugin. Subclass it; every field needs a type and wants a description."""


class PluginSpec(BaseModel):
    """The durable form of a plugin: its kind and its settings, side by side."""

    model_config = ConfigDict(frozen=True, extra="allow")

    kind: str

    @property
    def settings(self) -> dict[str, JsonValue]:
        return dict(self.__pydantic_extra__ or {})


AT_ONCE = 64
"""Answers that a connected evaluator judges at once if it does not say otherwise."""


@dataclass(frozen=True)
class Asked:
    """Whom an evaluator would ask about one answer, and how often."""

    spec: Any
    """A `core.benchmarks.AgentSpec`, or a `core.embeddings.EmbeddingSpec`."""
    texts: tuple[str, ...]
    """What it would be shown besides the answer."""
    calls: int = 1
    surely: bool = True
    """False where another evaluator's verdict may spare it the question."""


@dataclass(frozen=True)
class Plugin(Generic[S, T]):
    """`build(settings, ...)` makes the thing; what follows the settings is the group's context, if it has one.

    `version` names the meaning of the result: raise it when the same input gives another answer.
    """

    settings: type[S]
    build: Callable[..., T]
    version: str = "1"
    summary: str = ""
    simulated: bool = False
    """An agent that plays a model instead of being one: it alone is told the expected answer."""
    connected: bool = False
    """An evaluator that asks others (judges, embeddings): async code in the worker that never blocks, made by
    `build(settings, context)` with a `core.ports.EvaluatorContext`. All others are `build(settings)`, pure, and run in
    side processes that may be killed."""
    runs_code: bool = False
    """An evaluator that runs what agents wrote: refused unless the operator allows it (BENCHMARK_CODE_EXECUTION)."""
    members: Callable[[S], Sequence["PluginSpec"]] | None = None
    """The evaluators inside an evaluator's settings: they are part of its version, and it is connected if one is."""
    refusal: Callable[[S, Any], str | None] | None = None
    """Why the operator's settings, in the group's context, do not allow these: a sentence, None for allowed ones.
    Looked at when a run is submitted, so that nobody learns of it from a failed run."""
    waits_for: Callable[[S], Sequence[str]] | None = None
    """The labels of the run's other evaluators whose verdicts a connected evaluator wants to see first."""
    meaning: Callable[[S], str] | None = None
    """What of an evaluator's settings decides a verdict, as a text that is part of its version: how fast a judge may be
    asked is not. Without it: all settings that are not at their defaults."""
    figures: Callable[[S, Counts], Mapping[str, Counted]] | None = None
    """What an evaluator's scores come to together, beside their mean: from the sums of the `counts` in their details
    (`core.verdicts.Figures`), figures of a corpus by name. It sees sums only, so a million scores cost no memory."""
    at_once: Callable[[S], int] | None = None
    """How many answers a connected evaluator takes at once in one process. Others wait their turn, which does not count
    towards its time limit. Without it: `AT_ONCE`."""
    asks: Callable[[S, Any], Sequence[Asked]] | None = None
    """Whom a connected evaluator would ask about an answer to this `core.cases.Case`, for estimates. Without it:
    nobody, as far as an estimate goes."""


@cache
def installed(group: Group) -> Mapping[str, Plugin[Any, Any]]:
    """Every plugin of the group by kind, loaded once. Raises InvalidPlugin for an entry point that does not load."""
    found: dict[str, Plugin[Any, Any]] = {}
    for entry in entry_points(group=f"benchmark.{group}"):
        try:
            found[entry.name] = cast("Plugin[Any, Any]", entry.load())
        except (ImportError, AttributeError) as error:
            raise InvalidPlugin(f"The plugin {entry.name!r} of {group} does not load: {error}.") from error
    return found


def find(group: Group, kind: str, *, pointer: str = "") -> Plugin[Any, Any]:
    """The plugin of this kind. Raises InvalidPlugin, naming what is installed."""
    plugins = installed(group)
    if kind not in plugins:
        raise InvalidPlugin(
            f"There is no kind {kind!r} in {group}; installed: {listed(list(plugins))}.", pointer=f"{pointer}/kind"
        )
    return plugins[kind]


def settings_of(group: Group, spec: PluginSpec, *, pointer: str = "") -> PluginSettings:
    """The spec's settings, validated by its plugin. Raises InvalidPlugin with a pointer to the wrong field."""
    plugin = find(group, spec.kind, pointer=pointer)
    try:
        return cast("PluginSettings", plugin.settings.model_validate(spec.settings))
    except ValidationError as error:
        # A mistyped key is told before the key that is missing because of it.
        first = min(
            error.errors(include_url=False, include_input=False),
            key=lambda detail: detail["type"] != "extra_forbidden",
        )
        where = "/".join(str(part) for part in first["loc"])
        known = listed([field.alias or name for name, field in plugin.settings.model_fields.items()])
        hint = f" Its settings are: {known}." if first["type"] == "extra_forbidden" else ""
        said = f"it {wanted}" if (wanted := must(first)) else own_words(first)
        raise InvalidPlugin(
            f"{spec.kind!r} rejects its {f'setting {where!r}' if where else 'settings'}: {said}.{hint}",
            pointer=f"{pointer}/{where}" if where else pointer,
        ) from error
