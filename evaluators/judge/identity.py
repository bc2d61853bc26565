"""Which judge it is, and whether it was compared with people closely enough."""

from collections.abc import Collection, Iterator, Sequence
from datetime import datetime, timedelta
from hashlib import sha256

import orjson
from pydantic import JsonValue

from core.benchmarks import Evaluation
from core.calibrations import Calibration, CalibrationLevel, CalibrationReport, JudgeIdentity
from core.errors import InvalidPlugin, listed
from core.plugins import PluginSpec, find, settings_of
from evaluators.judge.prompt import JudgePrompt
from evaluators.judge.settings import JudgeSettings

KIND = "judge"
BESIDES = {"judges", "after", "when", "against", "reference"}
"""Settings that do not change how the judge judges what it is shown. The texts may stand in other fields in another
dataset; whether there is a reference is part of the prompt."""


def judge_settings(evaluation: Evaluation, *, pointer: str = "") -> JudgeSettings:
    """Raises InvalidPlugin for another kind of evaluator, and for settings that cannot work."""
    if evaluation.kind != KIND:
        raise InvalidPlugin(
            f"Only evaluators of kind {KIND!r} are judges, not {evaluation.kind!r}.", pointer=f"{pointer}/kind"
        )
    settings = settings_of("evaluators", evaluation, pointer=pointer)
    assert isinstance(settings, JudgeSettings)
    return settings


def judges_in(evaluators: Sequence[PluginSpec]) -> list[Evaluation]:
    """Every judge among them and inside them. Raises InvalidPlugin."""
    found: list[Evaluation] = []
    for spec in evaluators:
        plugin = find("evaluators", spec.kind)
        if spec.kind == KIND:
            found.append(Evaluation.model_validate(spec.settings | {"kind": KIND, "name": getattr(spec, "name", None)}))
        elif plugin.members:
            found += judges_in(plugin.members(settings_of("evaluators", spec)))
    return found


def identity_of(evaluation: Evaluation, *, pointer: str = "") -> JudgeIdentity:
    """Raises InvalidPlugin."""
    settings = judge_settings(evaluation, pointer=pointer)
    judges = _agents(settings)
    told = settings.model_dump(mode="json", exclude=BESIDES)
    prompt = JudgePrompt(settings).digest
    version = find("evaluators", KIND).version
    content = orjson.dumps([version, prompt, told, _sorted(judges)], option=orjson.OPT_SORT_KEYS)
    return JudgeIdentity(
        digest=sha256(content).hexdigest(), version=version, prompt=prompt, judges=judges, settings=told
    )


def meaning_of(settings: JudgeSettings) -> str:
    """What decides a verdict: who judges, by which words, what is shown, and when. Not how fast, nor with whose key."""
    told = settings.model_dump(mode="json", exclude={"judges"})
    content = [JudgePrompt(settings).digest, told, _sorted(_agents(settings))]
    return orjson.dumps(content, option=orjson.OPT_SORT_KEYS).decode()


def _agents(settings: JudgeSettings) -> tuple[dict[str, JsonValue], ...]:
    return tuple(
        {"kind": judge.agent.kind} | {name: told for name, told in judge.agent.settings.items() if name != "credential"}
        for judge in settings.judges
    )


def shortfalls(
    evaluation: Evaluation,
    calibrations: Sequence[Calibration],
    level: CalibrationLevel,
    *,
    now: datetime,
    served: Collection[str] = (),
) -> tuple[str, ...]:
    """Why this judge is not calibrated to the level: nothing if one of the calibrations shows that it is. `served` are
    the models that served it where its verdicts are to be trusted.

    Raises InvalidPlugin for what is no judge.
    """
    digest = identity_of(evaluation).digest
    own = [each for each in calibrations if each.identity.digest == digest and each.report is not None]
    if not own:
        return (
            f"The judge {evaluation.label!r} was never calibrated with these agents, this rubric and these settings.",
        )
    lacks = [
        (*_lacks(each, each.report, level, now), *_drift(each, each.report, level, served))
        for each in own
        if each.report is not None
    ]
    return min(lacks, key=len)


def _lacks(
    calibration: Calibration, report: CalibrationReport, level: CalibrationLevel, now: datetime
) -> Iterator[str]:
    name = f"Calibration {calibration.calibration_id}"
    kappa = report.kappa if level.statistic == "kappa" else report.weighted_kappa
    if kappa is None:
        yield f"{name}: the {level.statistic} with people is not defined."
    elif kappa.low < level.min_kappa:
        yield (
            f"{name}: the {level.statistic} with people is {kappa.value:.2f}, its interval begins at {kappa.low:.2f}; "
            f"{level.min_kappa:.2f} is wanted."
        )
    if report.judged < level.min_judged:
        yield f"{name} has {report.judged} verdicts; {level.min_judged} are wanted."
    if level.max_age_days is not None and now - calibration.created_at > timedelta(days=level.max_age_days):
        yield f"{name} is older than {level.max_age_days:g} days."
    unstable = None if report.position is None else 1 - report.position.stable.value
    if (
        level.max_position_bias is not None
        and unstable is None
        and calibration.identity.settings.get("mode") == "pairwise"
    ):
        yield f"{name} did not measure the bias of places; calibrate with `swap: true`."
    if level.max_position_bias is not None and unstable is not None and unstable > level.max_position_bias:
        yield (
            f"{name}: swapping places changed {unstable:.0%} of the verdicts; {level.max_position_bias:.0%} is allowed."
        )


def _drift(
    calibration: Calibration, report: CalibrationReport, level: CalibrationLevel, served: Collection[str]
) -> Iterator[str]:
    """Nothing where no provider said who it was."""
    others = sorted(set(served) - set(report.models))
    if level.same_models and report.models and others:
        yield (
            f"Calibration {calibration.calibration_id} was of {listed(report.models)}, and here {listed(others)} "
            "served the judge: it has drifted; calibrate it again."
        )


def _sorted(judges: Sequence[dict[str, JsonValue]]) -> list[dict[str, JsonValue]]:
    return sorted(judges, key=lambda judge: orjson.dumps(judge, option=orjson.OPT_SORT_KEYS))
