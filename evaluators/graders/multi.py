"""The evaluator `multi`: a formula makes one score of those of several graders."""

from collections.abc import Mapping
from typing import Final

from pydantic import Field, JsonValue, field_validator, model_validator

from core.benchmarks import Evaluation
from core.cases import Case, Reply
from core.errors import CannotJudge, InvalidPlugin
from core.plugins import Plugin, PluginSpec, settings_of
from core.ports import EvaluatorContext, NamedEvaluator
from core.verdicts import NOTHING_EARLIER, Earlier, Scored, Unscored
from evaluators.combination import spent_on
from evaluators.graders.formula import Formula
from evaluators.graders.grade import SCORE, Passing
from evaluators.registry import InstalledEvaluators

KINDS: Final = ("string_check", "text_similarity", "python", "label_model", "score_model")


class MultiSettings(Passing):
    graders: dict[str, PluginSpec] = Field(min_length=1, max_length=20)
    """By the names they have in the formula: graders with their kinds and settings."""
    calculate_output: str
    """Names, numbers, `+ - * / ^`, and `min`, `max`, `abs`, `floor`, `ceil`, `exp`, `sqrt`, `log`."""

    @field_validator("graders")
    @classmethod
    def _work(cls, graders: dict[str, PluginSpec]) -> dict[str, PluginSpec]:
        for name, spec in graders.items():
            if spec.kind not in KINDS:
                raise ValueError(f"the grader {name!r} is a {spec.kind!r}; it can be {', '.join(KINDS)}")
            try:
                settings_of("evaluators", spec)
            except InvalidPlugin as error:
                raise ValueError(f"the grader {name!r}: {error}") from error
        return graders

    @model_validator(mode="after")
    def _known(self) -> "MultiSettings":
        if unknown := sorted(Formula(self.calculate_output).names - self.graders.keys()):
            raise ValueError(f"`calculate_output` names {unknown[0]!r}; the graders are {', '.join(self.graders)}")
        return self


class Multi:
    def __init__(self, settings: MultiSettings, members: Mapping[str, NamedEvaluator]) -> None:
        self._settings = settings
        self._members = members
        self._formula = Formula(settings.calculate_output)

    def prepare(self) -> None:
        for member in self._members.values():
            if member.prepare is not None:
                member.prepare()

    async def evaluate(self, case: Case, reply: Reply, earlier: Earlier = NOTHING_EARLIER) -> Scored | Unscored:
        found: dict[str, Scored | Unscored] = {}
        scores: dict[str, float] = {}
        for name, member in self._members.items():
            verdict = found[name] = await member.evaluate(case, reply, earlier)
            if isinstance(verdict, Unscored):
                reason = f"{name}: {verdict.reason}"
                return Unscored(reason=reason, cause=verdict.cause, spent=spent_on(found))
            scores[name] = _score(verdict)
        try:
            score = self._formula.of(scores)
        except (ArithmeticError, ValueError) as error:
            raise CannotJudge(f"{self._settings.calculate_output!r} has no value of {scores}: {error}.") from error
        told: JsonValue = {name: each for name, each in scores.items()}
        verdict = self._settings.verdict(score, answer=reply.text, scores=told)
        return verdict.model_copy(update={"spent": spent_on(found)})


def _score(verdict: Scored) -> float:
    """On the grader's own scale."""
    score = verdict.details.get(SCORE)
    return float(score) if isinstance(score, int | float) else verdict.value


def build(settings: MultiSettings, context: EvaluatorContext | None = None) -> Multi:
    installed = InstalledEvaluators(context)
    members = {
        name: installed.open_one(Evaluation.model_validate(spec.model_dump()), f"/graders/{name}")
        for name, spec in settings.graders.items()
    }
    return Multi(settings, members)


plugin = Plugin(
    MultiSettings,
    build,
    version="1",
    summary="A formula makes one score of those of several graders.",
    members=lambda settings: tuple(settings.graders.values()),
)
