"""What a judge is told to do: by which rubric, on what scale, with whose help, and how several votes make a verdict."""

from collections.abc import Iterator
from typing import Annotated, Literal

from pydantic import Field, StringConstraints, model_validator

from core.benchmarks import AgentSpec
from core.errors import InvalidInput
from core.model import Model, Name
from core.plugins import PluginSettings, settings_of
from evaluators.patterns import RegularExpression

Label = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9 _-]{0,39}$")]
ABSTAINED = "cannot_tell"
"""The verdict of a judge that abstains; no label may be called so."""
ANSWER, OTHER, TIE = "answer", "other", "tie"
"""The verdicts of a pairwise judge once the places are translated: who is better."""
PAIR_VALUES = {ANSWER: 1.0, TIE: 0.5, OTHER: 0.0}


class Scale(Model):
    """Whole numbers from `low` to `high`; scores become 0..1 in equal steps."""

    low: int = 1
    high: int = 5
    meanings: dict[int, str] = Field(default_factory=dict[int, str], max_length=101)
    """What a number stands for, told to the judge."""

    @model_validator(mode="after")
    def _ascends(self) -> "Scale":
        if not self.low < self.high <= self.low + 100:
            raise ValueError("`high` must be greater than `low`, by 100 at most")
        if outside := [number for number in self.meanings if not self.low <= number <= self.high]:
            raise ValueError(f"`meanings` names {outside[0]}, which is not between {self.low} and {self.high}")
        return self

    def share(self, score: float) -> float:
        """0 for `low`, 1 for `high`."""
        return (score - self.low) / (self.high - self.low)


class Wording(Model):
    """How a verdict that is not JSON is recognised: the label whose pattern is found."""

    label: str
    pattern: RegularExpression


class JudgeSettings(PluginSettings):
    """A pointwise judge gives one answer a label or a number; a pairwise judge says which of two texts is better."""

    judges: tuple[AgentSpec, ...] = Field(min_length=1, max_length=9)
    """The agents that judge, each asked as often as `repeats` says."""
    mode: Literal["pointwise", "pairwise"] = "pointwise"
    """Judge one answer, or say which of two is better."""
    rubric: str = Field(default="", max_length=20_000)
    """What makes an answer good, in your words; the default asks for correctness and for doing what was asked."""
    labels: dict[Label, Annotated[float, Field(ge=0, le=1)]] = Field(
        default_factory=dict[Label, Annotated[float, Field(ge=0, le=1)]], max_length=20
    )
    """Pointwise: the verdicts to choose from and their scores; default `{correct: 1, incorrect: 0}`."""
    scale: Scale | None = None
    """Pointwise: a number instead of a label."""
    reference: str | None = None
    """Shown to the judge as a good answer: `expected` for the case's expected answer, else a metadata field."""
    against: str = "expected"
    """Pairwise: the other text: `expected`, a metadata field, or `opponent`: another agent's answer to the same case,
    where agents are compared head to head."""
    allow_ties: bool = True
    """Pairwise: the judge may call the two equally good."""
    swap: bool = True
    """Pairwise: ask in both orders, because judges favour a place."""
    on_disagreement: Literal["tie", "abstain"] = "tie"
    """Pairwise: what a judge says that changes its mind with the order."""
    may_abstain: bool = True
    """The judge may say that it cannot tell."""
    repeats: int = Field(default=1, ge=1, le=20)
    """How often each judge is asked about an answer."""
    combine: Literal["majority", "mean"] | None = None
    """How votes become one verdict; default: the majority of labels, the mean of numbers."""
    min_votes: int | None = Field(default=None, ge=1)
    """Fewer votes are no verdict; default: more than half of `judges` x `repeats`."""
    tries: int = Field(default=3, ge=1, le=10)
    """How often a judge is asked until it replies with a verdict."""
    structured: bool = False
    """Have the judge's provider hold the reply to the verdict's JSON Schema; OpenAI's agents can."""
    wordings: tuple[Wording, ...] = Field(default=(), max_length=20)
    """Patterns for judges trained to reply in words instead of JSON. Pairwise labels are `first`, `second`, `tie`."""
    wording_counts: Literal["last", "listed"] = "last"
    """Of several wordings in one reply: the one that stands last, or the one first in the list."""
    after: Name | None = None
    """The label of a rule evaluator of this benchmark that is heard first."""
    when: Literal["undecided", "not_right"] = "undecided"
    """With `after`: judge what that evaluator left unscored, or all it did not find right. Else its verdict stands."""
    longest: int = Field(default=20_000, ge=100, le=1_000_000)
    """Characters of a text that the judge is shown."""

    @model_validator(mode="after")
    def _fits_together(self) -> "JudgeSettings":
        for mistake in _mistakes(self):
            raise ValueError(mistake)
        return self

    @property
    def values(self) -> dict[str, float]:
        """The score of every verdict, by its label; a pair's labels are `answer`, `tie` and `other`."""
        if self.mode == "pairwise":
            return PAIR_VALUES
        if self.scale is not None:
            return {str(n): self.scale.share(n) for n in range(self.scale.low, self.scale.high + 1)}
        return self.labels or {"correct": 1.0, "incorrect": 0.0}

    @property
    def choices(self) -> tuple[str, ...]:
        """What a judge may say, in its own words: a pair's labels are `first`, `second` and `tie`."""
        said = ("first", "second") + (("tie",) if self.allow_ties else ()) if self.mode == "pairwise" else self.values
        return (*said, *((ABSTAINED,) if self.may_abstain else ()))

    @property
    def votes_asked(self) -> int:
        return len(self.judges) * self.repeats

    @property
    def votes_needed(self) -> int:
        return self.min_votes or self.votes_asked // 2 + 1

    @property
    def combination(self) -> Literal["majority", "mean"]:
        return self.combine or ("mean" if self.scale is not None else "majority")


def _mistakes(settings: JudgeSettings) -> Iterator[str]:
    if settings.mode == "pairwise" and (settings.labels or settings.scale):
        yield "a pairwise judge has no `labels` and no `scale`: it says which text is better"
    if settings.labels and settings.scale:
        yield "give either `labels` or `scale`, not both"
    if settings.labels and (len(settings.labels) < 2 or ABSTAINED in settings.labels):
        yield f"`labels` needs two or more, none of them {ABSTAINED!r}"
    if settings.votes_needed > settings.votes_asked:
        yield f"`min_votes` is more than the {settings.votes_asked} votes that are asked for"
    if settings.wordings and settings.structured:
        yield "`wordings` are for replies in words, `structured` for JSON: give one of them"
    if unknown := [each.label for each in settings.wordings if each.label not in settings.choices]:
        yield f"`wordings` names {unknown[0]!r}; the verdicts are {', '.join(settings.choices)}"
    yield from _mistakes_of_judges(settings)


def _mistakes_of_judges(settings: JudgeSettings) -> Iterator[str]:
    names = [judge.name for judge in settings.judges]
    if len(set(names)) < len(names):
        yield "give each of the `judges` its own `name`"
    for judge in settings.judges:
        if judge.prompt is not None:
            yield f"the judge {judge.name!r} has a `prompt`; what it is asked comes from the `rubric`"
        try:
            settings_of("agents", judge.agent)
        except InvalidInput as error:
            yield f"the judge {judge.name!r}: {error}"
