"""What an evaluator says of a reply."""

from typing import Annotated, Literal

from pydantic import Field, JsonValue

from core.model import Model


class Scored(Model):
    status: Literal["scored"] = "scored"
    value: float = Field(ge=0, le=1)
    answer: str | None = None
    """What the evaluator took for the answer; None when it found none."""
    reason: str | None = None
    details: dict[str, JsonValue] = Field(default_factory=dict[str, JsonValue])


class Unscored(Model):
    """Kept apart from a zero: the evaluator gave up, the agent did not fail."""

    status: Literal["unscored"] = "unscored"
    reason: str


Verdict = Annotated[Scored | Unscored, Field(discriminator="status")]
