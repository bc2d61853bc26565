"""Agents of one benchmark in order, with the places that chance allows each of them."""

from core.metrics import Mean, Proportion
from core.model import Model


class Standing(Model):
    """One agent."""

    rank: int
    """By its figure, from 1; equal figures share it."""
    rank_low: int
    """The best rank it may truly have."""
    rank_high: int
    """The worst. All these ranges hold together with 95 % confidence."""
    agent_id: str
    settings: str
    """A digest of who answers and how it is asked: agents of one name that were set otherwise are two agents."""
    agent_version: int | None
    """The version of the stored agent of this name that it is; None where the run spelled it out."""
    run_id: str
    accuracy: Proportion | None
    score: Mean
    coverage: float | None
    """Share of its questions that were answered and scored, 0..1."""
    tied_with: tuple[str, ...]
    """Agents that it cannot be told from, with their settings where a name stands for several."""
    cost_per_answer_usd: float | None
    latency_p50_s: float | None


class LeftOut(Model):
    agent_id: str
    settings: str
    """As of a `Standing`."""
    run_id: str
    reason: str


class CaseSetRuns(Model):
    """Other questions that runs of this name asked; they have leaderboards of their own."""

    case_set: str
    cases: int
    runs: int


class Leaderboard(Model):
    benchmark: str
    case_set: str
    """sha256 of the cases that all these agents were asked."""
    cases: int
    evaluator: str
    version: str
    sentence: str
    """Who leads, and whether alone."""
    standings: tuple[Standing, ...]
    left_out: tuple[LeftOut, ...]
    other_case_sets: tuple[CaseSetRuns, ...]
