"""What an agent of a running run waits for: calls without an answer, and questions that must be asked again."""

from pydantic import Field, computed_field

from core.model import Model

SLOW_S = 5.0
"""A call that is out for longer is worth a word."""


class Waiting(Model):
    """One agent's questions that are neither answered nor failed, by their newest call."""

    agent_id: str
    unanswered: int = 0
    """Calls that were sent and have no answer yet."""
    oldest_s: float | None = Field(default=None, ge=0)
    """Seconds since the oldest of them was sent."""
    repeated: int = 0
    """Questions whose last call failed, and which will be asked again."""
    last_error: str | None = None
    """Why the newest of those calls failed."""

    @computed_field
    @property
    def said(self) -> str | None:
        """All of it in a sentence or two; None when there is nothing to tell."""
        sentences: list[str] = []
        if self.repeated and self.last_error:
            sentences.append(f"{_many(self.repeated, 'question')} to be asked again; the last call: {self.last_error}")
        if self.unanswered and (self.oldest_s or 0) >= SLOW_S:
            sentences.append(
                f"{_many(self.unanswered, 'call')} without an answer yet, the oldest for {self.oldest_s:.0f} s."
            )
        return " ".join(sentences) or None


def _many(count: int, what: str) -> str:
    return f"{count:,} {what}{'' if count == 1 else 's'}"
