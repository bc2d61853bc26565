"""Recorded results as people read them: one item is one question to one agent, with its verdicts and its calls."""

from datetime import datetime
from typing import Literal

from pydantic import JsonValue

from core.cases import ToolCall, Usage
from core.model import Model
from core.outcomes import Cause
from core.verdicts import Spent, UnscoredCause


class ItemScore(Model):
    """One evaluator's verdict. `value` is None for unscored, which is not zero; `reason` then says why."""

    evaluator: str
    version: str
    value: float | None
    answer: str | None
    reason: str | None
    cause: UnscoredCause | None
    """Why there is no value; None for a score, and for what was recorded before causes were."""
    details: dict[str, JsonValue] | None
    spent: Spent | None
    """What judging cost, if somebody was asked."""
    scored_at: datetime


AttemptStatus = Literal["open", "answered", "failed", "retried", "unsent", "unknown", "late"]
"""open: sent or about to be; answered, failed: it ended its question; retried: it failed and was followed by another;
unsent: the batch was stopped first; unknown: its worker was lost with it; late: so it was, and told its outcome later,
which does not count."""


class ItemAttempt(Model):
    """One call to the agent, written down before it was sent."""

    number: int
    """Counts the calls claimed for the question, from 1."""
    fence: int
    """Grows with every claim of the service."""
    round: int
    """1, and one more for each `retry` of the run."""
    owner: str
    """The worker process."""
    claimed_at: datetime
    finished_at: datetime | None
    status: AttemptStatus
    detail: str | None
    """What went wrong; of a late answer its text."""
    input_tokens: int | None
    """Of a late answer, as the next two: what was bought in vain. An answer that counts has its own on the item."""
    output_tokens: int | None
    cost_usd: float | None


class AttemptRecord(ItemAttempt):
    """A call in the list of all calls of a run."""

    agent_id: str
    case_index: int
    trial: int
    item_id: str
    """The item it was made for: the agent's number, the case's index and the trial."""


class AttemptFilters(Model):
    """Which calls to list; None does not ask."""

    agent_id: str | None = None
    status: AttemptStatus | None = None
    case_index: int | None = None


class ItemRecord(Model):
    """How one question to one agent ended."""

    agent_id: str
    agent_no: int
    """The agent's place in the run, from 0."""
    case_index: int
    """The case's place in the run's case set, from 0."""
    trial: int
    case_id: str
    category: str | None
    status: Literal["answered", "failed"]
    cause: Cause | None
    """Why it failed; None for an answer."""
    detail: str | None
    text: str | None
    tool_calls: tuple[ToolCall, ...] | None
    """None where the agent called nothing."""
    raw: str | None
    """What the agent sent instead of an answer, printable and cut."""
    model: str | None
    finish_reason: str | None
    usage: Usage
    latency_s: float | None
    queue_s: float
    cost_usd: float | None
    calls: int
    round: int
    answered_at: datetime
    scores: tuple[ItemScore, ...] = ()


class ItemFilters(Model):
    """Which items to list; None does not ask."""

    agent_id: str | None = None
    status: Literal["answered", "failed"] | None = None
    cause: Cause | None = None
    category: str | None = None
    case_id: str | None = None
    evaluator: str | None = None
    """Whose verdict `correct` and the score bounds mean; without one, only items this evaluator has judged remain."""
    correct: bool | None = None
    """True: a score of exactly 1; False: any other score. Unscored items are neither."""
    min_score: float | None = None
    max_score: float | None = None
    min_latency_s: float | None = None
    max_latency_s: float | None = None
    """Of answers; a question without one has no latency, and is not among them."""
    min_cost_usd: float | None = None
    max_cost_usd: float | None = None
    """Of answers whose price is known."""
    text: str | None = None
    """In the answer, or in why there is none; upper and lower case are alike."""

    @property
    def about_scores(self) -> bool:
        wanted = (self.evaluator, self.correct, self.min_score, self.max_score)
        return any(value is not None for value in wanted)
