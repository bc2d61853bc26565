"""The evaluator `composite`: several evaluators make one verdict.

They are asked in order, and no further than the verdict needs: a judge behind a rule costs nothing where the rule has
decided. The verdict's details say what every member that was asked said.
"""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, cast

from pydantic import AfterValidator, Field, JsonValue, model_validator

from core.benchmarks import Evaluation
from core.cases import Case, Reply
from core.errors import CannotJudge, InvalidPlugin
from core.plugins import Plugin, PluginSettings, find, settings_of
from core.ports import EvaluatorContext, NamedEvaluator
from core.verdicts import NOTHING_EARLIER, Earlier, Scored, Unscored
from evaluators.combination import Combination, spent_on
from evaluators.registry import InstalledEvaluators

DEEPEST = 4
"""Composites within composites."""
MOST = 50
"""Evaluators inside one member, over all levels: each is looked at several times before a run is accepted."""


class Member(Evaluation):
    """An evaluator inside: its kind, its settings, and what the rule needs to know."""

    weight: float = Field(default=1.0, gt=0, le=1e6)
    """For `weighted`: its part in the sum of all weights."""


def _works(member: Member) -> Member:
    """Told where the member stands in the definition; its evaluator would be asked for its settings only later."""
    depth, count = _extent(member.settings)
    if depth >= DEEPEST or count > MOST:
        raise ValueError(f"composites may be nested {DEEPEST} deep and hold {MOST} evaluators in one member")
    try:
        settings_of("evaluators", member)
    except InvalidPlugin as error:
        raise ValueError(str(error)) from error
    return member


def _extent(settings: Mapping[str, Any]) -> tuple[int, int]:
    """How many levels of evaluators are inside, and how many evaluators."""
    inner: Any = settings.get("of")
    parts = cast("list[Any]", inner) if isinstance(inner, list | tuple) else []
    extents = [_extent(cast("dict[str, Any]", part)) for part in parts if isinstance(part, dict)]
    return max((1 + depth for depth, _ in extents), default=0), sum(1 + count for _, count in extents)


class CompositeSettings(PluginSettings, Combination):
    of: tuple[Annotated[Member, AfterValidator(_works)], ...] = Field(min_length=1, max_length=20)
    """The members, in the order in which they are asked."""

    @model_validator(mode="after")
    def _distinct_names(self) -> "CompositeSettings":
        names = [member.label for member in self.of]
        if twice := {name for name in names if names.count(name) > 1}:
            raise ValueError(f"two members share the name {sorted(twice)[0]!r}; give each its own `name`")
        return self


class Composite:
    def __init__(self, settings: CompositeSettings, members: Sequence[NamedEvaluator]) -> None:
        self._settings = settings
        self._members = members
        self._weights = [member.weight for member in settings.of]

    def prepare(self) -> None:
        for member in self._members:
            if member.prepare is not None:
                member.prepare()

    async def evaluate(self, case: Case, reply: Reply, earlier: Earlier = NOTHING_EARLIER) -> Scored | Unscored:
        found: dict[str, Scored | Unscored] = {}
        for member in self._members:
            try:
                found[member.label] = await member.evaluate(case, reply, earlier)
            except CannotJudge as error:
                found[member.label] = Unscored(reason=str(error))
            if self._settings.settles(found[member.label]):
                break
        verdict = self._settings.combined(found, self._weights)
        members: dict[str, JsonValue] = {label: _shown(each) for label, each in found.items()}
        details = verdict.details if self._settings.rule == "weighted" else {}
        return verdict.model_copy(update={"details": {**details, "members": members}, "spent": spent_on(found)})


def _shown(verdict: Scored | Unscored) -> JsonValue:
    return verdict.model_dump(mode="json", exclude_defaults=True)


def build(settings: CompositeSettings, context: EvaluatorContext | None = None) -> Composite:
    """Raises InvalidPlugin for a member that cannot be opened; its settings were looked at before."""
    installed = InstalledEvaluators(context)
    return Composite(settings, [installed.open_one(_alone(each), f"/of/{at}") for at, each in enumerate(settings.of)])


def _alone(member: Member) -> Evaluation:
    """As it would stand in a benchmark: it may be sent to a side process, which knows nothing of composites."""
    return Evaluation.model_validate(member.model_dump(exclude={"weight"}))


def _awaited(settings: CompositeSettings) -> Sequence[str]:
    """The labels that judges inside want to see the verdicts of."""
    labels: list[str] = []
    for member in settings.of:
        plugin = find("evaluators", member.kind)
        labels += plugin.waits_for(settings_of("evaluators", member)) if plugin.waits_for else ()
    return labels


plugin = Plugin(
    CompositeSettings,
    build,
    version="1",
    summary="Several evaluators make one verdict: all, any, weighted, or the first that can judge.",
    members=lambda settings: settings.of,
    waits_for=_awaited,
)
