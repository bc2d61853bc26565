"""What may be posted to start a run: a whole definition, or the name of a stored one with what is different."""

import re
from typing import Annotated, Any, NamedTuple, cast

from pydantic import Discriminator, Field, StringConstraints, Tag, model_validator

from core.benchmarks import AgentSpec, BenchmarkDefinition, Evaluation, PromptSpec
from core.budgets import Budget
from core.errors import InvalidInput
from core.model import Model, Name

VERSIONED = re.compile(r"(.+)@([1-9][0-9]{0,8})")

Reference = Annotated[
    str,
    StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9 ._:/@+-]{0,110}$"),
    Field(description="`name`, or `name@version`.", examples=["gsm8k", "gsm8k@2"]),
]
"""`name`, or `name@version`."""


class NamedVersion(NamedTuple):
    name: str
    version: int | None


def named(reference: str) -> NamedVersion:
    """
    >>> named("gsm8k@2")
    NamedVersion(name='gsm8k', version=2)
    """
    found = VERSIONED.fullmatch(reference)
    return NamedVersion(found[1], int(found[2])) if found else NamedVersion(reference, None)


def refuse_versioned_name(name: str) -> None:
    """Raises InvalidInput for a name that reads as `name@version`."""
    if VERSIONED.fullmatch(name):
        raise InvalidInput(
            f"{name!r} reads as a version of another name; a name does not end in @ and a number.", pointer="/name"
        )


def _spec_or_name(value: Any) -> str:
    return "name" if isinstance(value, str) else "spec"


AgentChoice = Annotated[
    Annotated[AgentSpec, Tag("spec")] | Annotated[Reference, Tag("name")], Discriminator(_spec_or_name)
]
"""An agent spelled out, or the name of a stored one."""
AgentChoices = Annotated[tuple[AgentChoice, ...], Field(max_length=50)]


class InlineRun(BenchmarkDefinition):
    """A whole definition. Its agents may be names of stored ones."""

    agents: AgentChoices = ()  # pyright: ignore[reportIncompatibleVariableOverride]

    @model_validator(mode="after")
    def _distinct_names(self) -> "InlineRun":
        # The definition checks the names once every agent is known.
        return self


class Overrides(Model):
    """What this run does otherwise than its benchmark says; absent fields stay as they are."""

    name: Name | None = None
    limit: int | None = Field(default=None, ge=1, le=10_000_000)
    seed: int | None = Field(default=None, ge=-(2**63), lt=2**63)
    categories: tuple[str, ...] | None = None
    trials: int | None = Field(default=None, ge=1, le=1000)
    prompt: PromptSpec | None = None
    evaluators: tuple[Evaluation, ...] | None = Field(default=None, min_length=1, max_length=20)
    budget: Budget | None = None
    tags: dict[str, str] | None = None


class NamedRun(Model):
    """A stored or ready-made benchmark."""

    benchmark: Reference
    agents: AgentChoices = ()
    """The benchmark's own agents when there are none here."""
    overrides: Overrides = Overrides()
    folder: str | None = Field(default=None, max_length=1000)
    """For a ready-made benchmark: the folder with the data files, on the workers' machines.
    Default: the one folder that BENCHMARK_LOCAL_FOLDERS names."""


def _form(value: Any) -> str:
    if isinstance(value, dict):
        return "named" if "benchmark" in cast("dict[str, Any]", value) else "inline"
    return "named" if isinstance(value, NamedRun) else "inline"


RunRequest = Annotated[Annotated[InlineRun, Tag("inline")] | Annotated[NamedRun, Tag("named")], Discriminator(_form)]
