"""Agents head to head: whose answers judges prefer, over the cases that both have answered."""

from typing import Literal

from pydantic import Field

from core.benchmarks import Evaluation
from core.calibrations import PositionBias
from core.comparisons import AgentOfRun
from core.model import Model, Name
from core.runs import RunStatus
from core.verdicts import Spent

BENCHMARK_TYPE = "preference"
OPPONENT = "opponent"
"""Where a reply that is shown beside another's has that other text, and what a judge's `against` calls it."""
MOST_CONTESTANTS = 10
"""All against all these are 45 matches; a run has 50 agents at most."""


class Contestant(Model):
    """An agent's answers in one run, and the name they go by here."""

    name: Name
    run_id: str = Field(max_length=200)
    agent_id: str = Field(max_length=200)


class Entry(AgentOfRun):
    """Who takes part. Without `agent_id`: every agent of the run."""

    name: Name | None = None
    """Default: the agent's name, with the run's where two would be called the same."""


class PreferenceRequest(Model):
    name: Name = "preferences"
    contestants: tuple[Entry, ...] = Field(min_length=1, max_length=MOST_CONTESTANTS)
    """Agents of ended runs, two or more; they are paired over the cases that were asked of both."""
    judge: Evaluation
    """The evaluator as it stands in a benchmark: `kind: judge` and its settings. It judges pairs."""
    baseline: Name | None = None
    """Hold the others against this one; default: all against all."""
    limit: int | None = Field(default=None, ge=1, le=10_000_000)
    """Judge at most this many cases."""
    seed: int | None = None
    """With `limit`: draw them at random by this seed."""


class WinRate(Model):
    """The mean over cases of the share of pairs won, ties half, with its 95 % interval."""

    value: float
    low: float | None
    """None where the cases, or the clusters they belong to, are fewer than two."""
    high: float | None
    n: int
    """Cases."""


class LengthControlled(Model):
    """The win rate if both texts had the same length, with its 95 % interval (`evaluators.preferences.length`)."""

    value: float
    low: float
    high: float
    pull: float
    """How much longer texts are preferred, in logits for a difference far above the usual; 0 is not at all."""


class Match(Model):
    """Two contestants, and what the judges said of their answers. All figures are the first one's."""

    agent_id: str
    """The agent of the run whose items are these pairs."""
    first: str
    second: str
    pairs: int
    """Answers to the same case (and trial) that were judged; `wins + ties + losses`."""
    wins: int
    ties: int
    losses: int
    unanswered: int
    """Pairs of which one side has no answer."""
    undecided: int
    """Pairs on which the judges abstained or did not agree, or had nothing to judge by."""
    missing: int
    """Pairs on which no judge could be had; a retry judges them."""
    win_rate: WinRate | None
    """None of nothing."""
    bootstrap: tuple[float, float] | None
    """The win rate's interval by the bootstrap (BCa) over cases."""
    length_controlled: LengthControlled | None
    """None of fewer than 20 independent pairs, and where lengths do not vary or the verdicts follow them without
    exception."""
    sign_p: float
    """The exact sign test over cases: is each side preferred as often as the other?"""
    adjusted_p: float
    """The same, by Holm's method over all matches."""
    position: PositionBias | None
    """None where no pair was judged in both orders."""
    finding: Literal["first", "second", "cannot_tell"]
    """Who is preferred beyond chance: the test and the interval must both say so."""
    sentence: str


class Standing(Model):
    """One contestant among all."""

    contestant: Contestant
    pairs: int
    win_rate: float | None
    """Over all its pairs, ties half."""
    rating: float | None
    """Bradley-Terry on the scale of Elo: 400 points more are 10 to 1, the mean is 1000. None of two contestants, and
    where it does not exist."""
    low: float | None
    high: float | None
    """Its 95 % interval, clustered by case."""


class PreferenceReport(Model):
    sentence: str
    """Who is preferred to whom, in plain words."""
    standings: tuple[Standing, ...]
    """The best first."""
    matches: tuple[Match, ...]
    unrated: str | None
    """Why three or more contestants have no ratings."""
    cases: int
    """Cases on which at least two contestants have an answer."""
    position: PositionBias | None
    """Over all matches."""
    spent: Spent
    """What the judges cost."""
    models: tuple[str, ...]
    """The models that judged, by the providers' own names."""


class Preference(Model):
    """A run in which judges compare the answers of others' runs. Its id is the run's."""

    run_id: str
    name: str
    status: RunStatus
    contestants: tuple[Contestant, ...]
    judge: Evaluation
    report: PreferenceReport | None
    """None until the run has ended."""
