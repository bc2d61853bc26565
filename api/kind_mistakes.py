"""Kinds and their settings, looked at in a request whose form is wrong elsewhere: so that all that is wrong is told."""

from collections.abc import Iterator, Sequence
from typing import Any, Final, cast

from pydantic import ValidationError

from core.benchmarks import Evaluation
from core.errors import InvalidPlugin
from core.mistakes import pointer
from core.plugins import Group, PluginSpec, settings_of

LOOKED_AT: Final = 100
"""Agents, and evaluators: a body may hold any number of them."""


def mistakes_of_kinds(body: object, told: Sequence[str]) -> Iterator[InvalidPlugin]:
    """Of the agents, evaluators and dataset in a body as it was read. `told` points at what was found already: a place
    with such a one in it, or around it, is left out."""
    for group, steps, value in _plugins(body):
        place = pointer(steps)
        if any(f"{place}/".startswith(f"{each}/") or each.startswith(f"{place}/") for each in told):
            continue
        form = Evaluation if group == "evaluators" else PluginSpec
        try:
            settings_of(group, form.model_validate(value), pointer=place)
        except InvalidPlugin as error:
            yield error
        except ValidationError:
            # No kind is said: that is a mistake of form, and is told as one.
            continue


def _plugins(body: object) -> Iterator[tuple[Group, list[str | int], object]]:
    if not isinstance(body, dict):
        return
    document = cast("dict[str, Any]", body)
    for number, agent in enumerate(_entries(document.get("agents"))):
        if isinstance(agent, dict) and "agent" in agent:
            yield "agents", ["agents", number, "agent"], cast("dict[str, Any]", agent)["agent"]
    for number, evaluation in enumerate(_entries(document.get("evaluators"))):
        yield "evaluators", ["evaluators", number], evaluation
    dataset: object = document.get("dataset")
    if isinstance(dataset, dict) and "source" in dataset:
        yield "datasets", ["dataset", "source"], cast("dict[str, Any]", dataset)["source"]


def _entries(value: object) -> list[object]:
    return cast("list[object]", value)[:LOOKED_AT] if isinstance(value, list) else []
