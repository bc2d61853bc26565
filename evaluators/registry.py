"""The installed evaluators: opens those a benchmark names and refuses those that cannot work."""

import hashlib
from collections.abc import Sequence
from functools import partial
from typing import Any

from core.benchmarks import Evaluation
from core.cases import Case, Reply
from core.errors import CannotJudge, InvalidPlugin, listed
from core.plugins import AT_ONCE, Plugin, PluginSettings, PluginSpec, find, settings_of
from core.ports import ConnectedEvaluator, Evaluate, Evaluator, EvaluatorContext, Isolation, NamedEvaluator
from core.verdicts import NOTHING_EARLIER, Earlier, Figures, Scored, Unscored

AnyPlugin = Plugin[PluginSettings, object]


class InstalledEvaluators:
    """The port `Evaluators` over the plugins of the group `benchmark.evaluators`.

    Without a context connected evaluators are checked and named, but cannot judge; with one, rules judge where its
    isolation has them judge. `code` says whether evaluators may run what agents wrote.
    """

    def __init__(self, context: EvaluatorContext | None = None, *, code: bool = True) -> None:
        self._context = context
        self._code = code

    def open(self, evaluations: Sequence[Evaluation]) -> Sequence[NamedEvaluator]:
        """The evaluators in order. Raises InvalidPlugin, pointing into `/evaluators`."""
        opened = [self.open_one(evaluation, f"/evaluators/{at}") for at, evaluation in enumerate(evaluations)]
        refuse_waiting(evaluations)
        return opened

    def open_one(self, evaluation: Evaluation, pointer: str = "") -> NamedEvaluator:
        """Whatever the others are. Raises InvalidPlugin."""
        if not self._code and runs_code(evaluation, pointer):
            raise InvalidPlugin(
                f"{evaluation.kind!r} runs code that agents wrote, which is off on this service; its operator can set "
                "BENCHMARK_CODE_EXECUTION=sandboxed.",
                pointer=f"{pointer}/kind",
            )
        version, figures = version_of(evaluation, pointer), _figures(evaluation, pointer)
        if is_connected(evaluation, pointer):
            evaluate = _connected(evaluation, pointer, self._context)
            return NamedEvaluator(
                label=evaluation.label,
                version=version,
                evaluate=evaluate,
                connected=True,
                at_once=at_once_of(evaluation, pointer),
                figures=figures,
            )
        rule = build_rule(evaluation, pointer)
        isolation = self._context.isolation if self._context else None
        return NamedEvaluator(
            label=evaluation.label,
            version=version,
            evaluate=_isolated(evaluation, isolation) if isolation else _rule(rule),
            prepare=getattr(rule, "prepare", None),
            figures=figures,
        )


def mistakes_in(evaluations: Sequence[Evaluation], *, code: bool) -> list[InvalidPlugin]:
    """What keeps these from judging together, each with its place under `/evaluators`."""
    installed = InstalledEvaluators(code=code)
    found: list[InvalidPlugin] = []
    for number, evaluation in enumerate(evaluations):
        try:
            installed.open_one(evaluation, f"/evaluators/{number}")
        except InvalidPlugin as error:
            found.append(error)
    if not found:
        try:
            refuse_waiting(evaluations)
        except InvalidPlugin as error:
            found.append(error)
    return found


def build_rule(spec: PluginSpec, pointer: str = "") -> Evaluator:
    """An evaluator that is not connected. Raises InvalidPlugin."""
    return _built(spec, pointer)


def build_connected(spec: PluginSpec, context: EvaluatorContext, pointer: str = "") -> ConnectedEvaluator:
    """Raises InvalidPlugin."""
    return _built(spec, pointer, context)


def _built(spec: PluginSpec, pointer: str, *context: EvaluatorContext) -> Any:
    """What the plugin makes of its settings; where it refuses them, the pointer starts at the whole definition."""
    plugin = find("evaluators", spec.kind, pointer=pointer)
    settings = settings_of("evaluators", spec, pointer=pointer)
    try:
        return plugin.build(settings, *context)
    except InvalidPlugin as error:
        raise InvalidPlugin(str(error), pointer=pointer + error.pointer) from error


def is_connected(spec: PluginSpec, pointer: str = "") -> bool:
    """Whether it, or an evaluator inside it, asks others. Raises InvalidPlugin."""
    plugin = find("evaluators", spec.kind, pointer=pointer)
    return plugin.connected or any(is_connected(member, pointer) for member in _members(plugin, spec, pointer))


def at_once_of(spec: PluginSpec, pointer: str = "") -> int:
    """How many answers a connected evaluator, and every one inside it, takes at once. Raises InvalidPlugin."""
    plugin = find("evaluators", spec.kind, pointer=pointer)
    members = [each for each in _members(plugin, spec, pointer) if is_connected(each, pointer)]
    own = plugin.at_once(settings_of("evaluators", spec, pointer=pointer)) if plugin.at_once else AT_ONCE
    return min([own, *(at_once_of(member, pointer) for member in members)])


def runs_code(spec: PluginSpec, pointer: str = "") -> bool:
    """Whether it, or an evaluator inside it, runs what agents wrote. Raises InvalidPlugin."""
    plugin = find("evaluators", spec.kind, pointer=pointer)
    return plugin.runs_code or any(runs_code(member, pointer) for member in _members(plugin, spec, pointer))


def version_of(spec: PluginSpec, pointer: str = "") -> str:
    """What a verdict means, in a word: equal versions judge alike. Raises InvalidPlugin.

    The plugin's version, what its settings come to where they are not all at their defaults, and the versions of the
    evaluators inside it: `1`, `1+6b86b273`, `1+d4735e3a(exact=2, judge=1)`.
    """
    plugin = find("evaluators", spec.kind, pointer=pointer)
    given = settings_of("evaluators", spec, pointer=pointer)
    settings = plugin.meaning(given) if plugin.meaning else given.model_dump_json(exclude_defaults=True)
    told = "" if settings == "{}" else f"+{hashlib.sha256(settings.encode()).hexdigest()[:8]}"
    members = [f"{member.kind}={version_of(member, pointer)}" for member in _members(plugin, spec, pointer)]
    return f"{plugin.version}{told}({', '.join(members)})" if members else f"{plugin.version}{told}"


def _figures(spec: PluginSpec, pointer: str) -> Figures | None:
    """What the plugin makes of all scores together, given these settings."""
    plugin = find("evaluators", spec.kind, pointer=pointer)
    return partial(plugin.figures, settings_of("evaluators", spec, pointer=pointer)) if plugin.figures else None


def _members(plugin: AnyPlugin, spec: PluginSpec, pointer: str) -> Sequence[PluginSpec]:
    return plugin.members(settings_of("evaluators", spec, pointer=pointer)) if plugin.members else ()


def refuse_waiting(evaluations: Sequence[Evaluation]) -> None:
    """Raises InvalidPlugin for one that waits for the verdict of another that is not there, or asks others itself."""
    rules = [each.label for each in evaluations if not is_connected(each)]
    for at, evaluation in enumerate(evaluations):
        plugin = find("evaluators", evaluation.kind)
        wanted = plugin.waits_for(settings_of("evaluators", evaluation)) if plugin.waits_for else ()
        for label in wanted:
            if label not in rules:
                raise InvalidPlugin(
                    f"{evaluation.label!r} waits for the verdict of {label!r}, which is no rule evaluator of this "
                    f"benchmark; it can wait for {listed(rules)}.",
                    pointer=f"/evaluators/{at}",
                )


def _rule(evaluator: Evaluator) -> Evaluate:
    async def evaluate(case: Case, reply: Reply, earlier: Earlier = NOTHING_EARLIER) -> Scored | Unscored:
        return await evaluator.evaluate(case, reply)

    return evaluate


def _isolated(evaluation: Evaluation, isolation: Isolation) -> Evaluate:
    async def evaluate(case: Case, reply: Reply, earlier: Earlier = NOTHING_EARLIER) -> Scored | Unscored:
        found = [verdict async for some in isolation.judge(evaluation, [(case, reply)]) for verdict in some]
        return found[0]

    return evaluate


def _connected(evaluation: Evaluation, pointer: str, context: EvaluatorContext | None) -> Evaluate:
    if context is not None:
        return build_connected(evaluation, context, pointer).evaluate
    settings_of("evaluators", evaluation, pointer=pointer)

    async def evaluate(case: Case, reply: Reply, earlier: Earlier = NOTHING_EARLIER) -> Scored | Unscored:
        raise CannotJudge(f"{evaluation.label!r} asks others, and there is nobody to ask here.")

    return evaluate
