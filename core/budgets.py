"""Budgets: what a run, or all runs of a project, may cost at most."""

from typing import Literal

from pydantic import Field, model_validator

from core.model import Model


class Budget(Model):
    """What may be spent at most; None does not limit. What is in flight is not counted before it is answered, so the
    sum may end above by as much."""

    max_usd: float | None = Field(default=None, gt=0, le=1e9)
    max_tokens: int | None = Field(default=None, gt=0, le=10**15)
    """Input and output tokens together."""
    max_calls: int | None = Field(default=None, gt=0, le=10**12)
    unknown_price: Literal["stop", "ignore"] = "stop"
    """With `max_usd`: whether an answer without a known price ends the asking, or counts as nothing."""

    @model_validator(mode="after")
    def _limits(self) -> "Budget":
        if self.max_usd is None and self.max_tokens is None and self.max_calls is None:
            raise ValueError("say at least one of `max_usd`, `max_tokens` and `max_calls`")
        return self


class NewBudget(Model):
    """What may be spent from now on."""

    budget: Budget | None
    """None: whatever it takes."""


class Spent(Model):
    usd: float = 0.0
    tokens: int = 0
    calls: int = 0
    unpriced: int = 0
    """Answers whose price is not known."""

    @classmethod
    def of_call(cls, *, usd: float | None, tokens: int) -> "Spent":
        """What one call cost that was answered."""
        return cls(usd=usd or 0.0, tokens=tokens, calls=1, unpriced=int(usd is None))

    def plus(self, other: "Spent") -> "Spent":
        return Spent(
            usd=self.usd + other.usd,
            tokens=self.tokens + other.tokens,
            calls=self.calls + other.calls,
            unpriced=self.unpriced + other.unpriced,
        )


class Account(Model):
    """A budget and what was spent of it."""

    whose: Literal["run", "project"]
    budget: Budget
    spent: Spent
    """On agents, and on whom evaluators asked about their answers."""
    judging: Spent = Spent()
    """The part of it that went to judges and embedding models."""
    revision: int | None = None
    """Of the project's budget: another one with every change. None for a run's own, which changes with the run."""

    @property
    def refusal(self) -> str | None:
        """Why nothing more may be spent, in a sentence; None while something may."""
        budget, spent, whose = self.budget, self.spent, f"The budget of the {self.whose}"
        if budget.max_usd is not None and spent.usd >= budget.max_usd:
            return f"{whose} is spent: ${spent.usd:.4f} of ${budget.max_usd:.4f}. Raise it to go on."
        if budget.max_tokens is not None and spent.tokens >= budget.max_tokens:
            return f"{whose} is spent: {spent.tokens:,} of {budget.max_tokens:,} tokens. Raise it to go on."
        if budget.max_calls is not None and spent.calls >= budget.max_calls:
            return f"{whose} is spent: {spent.calls:,} of {budget.max_calls:,} calls. Raise it to go on."
        if budget.max_usd is not None and budget.unknown_price == "stop" and spent.unpriced:
            return (
                f"{whose} is in dollars, and the price of {spent.unpriced:,} answers is not known. Give the agent (or "
                "the judge) a `price`, or set `unknown_price: ignore` "
                "(`benchmark runs tune --max-cost 5 --ignore-unknown-price`)."
            )
        return None
