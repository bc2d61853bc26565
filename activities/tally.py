"""What a desk has seen since its last report."""

from dataclasses import dataclass, field
from typing import Any

from core.cases import Usage
from core.errors import Throttled
from core.limits import Report, Told, Trouble, TroubleKind


@dataclass
class Tally:
    epoch: int = 0
    accepted: int = 0
    throttled: int = 0
    tokens: int = 0
    answers: int = 0
    told_to_wait_s: float = 0.0
    empty_for_s: float = 0.0
    trouble: Trouble | None = None
    exhausted: str | None = None
    told: Told = field(default_factory=Told)
    ever_throttled: int = 0
    """Since the desk was opened."""

    def turn_to(self, epoch: int) -> None:
        """Results of earlier epochs say nothing about the rate any more."""
        if epoch != self.epoch:
            self.epoch, self.accepted, self.throttled = epoch, 0, 0

    def well(self, usage: Usage | None, *, current: bool) -> None:
        self.answers += 1
        self.trouble = None
        self.accepted += current
        if usage is not None:
            self.tokens += (usage.input_tokens or 0) + (usage.output_tokens or 0)

    def refused(self, error: Throttled, *, current: bool) -> None:
        self.throttled += current
        self.ever_throttled += 1
        self.told_to_wait_s = max(self.told_to_wait_s, error.retry_after or 0.0)

    def failed(self, kind: TroubleKind, detail: str) -> None:
        count = 1 if self.trouble is None or self.trouble.kind != kind else self.trouble.count + 1
        self.trouble = Trouble(kind=kind, count=count, detail=detail)

    def heard(self, told: Told) -> None:
        """What the headers of an answer say."""
        self.told = Told(
            told.requests_per_minute or self.told.requests_per_minute,
            told.tokens_per_minute or self.told.tokens_per_minute,
        )
        self.empty_for_s = max(self.empty_for_s, told.empty_for_s or 0.0)

    def fields(self) -> dict[str, Any]:
        """Those of a report."""
        return {
            "epoch": self.epoch,
            "accepted": self.accepted,
            "throttled": self.throttled,
            "tokens": self.tokens,
            "answers": self.answers,
            "told_to_wait_s": self.told_to_wait_s,
            "empty_for_s": self.empty_for_s,
            "trouble": self.trouble,
            "exhausted": self.exhausted,
            "requests_per_minute": self.told.requests_per_minute,
            "tokens_per_minute": self.told.tokens_per_minute,
        }

    def forget(self, report: Report) -> None:
        """What was reported; what came since stays."""
        self.accepted -= report.accepted
        self.throttled -= report.throttled
        self.tokens -= report.tokens
        self.answers -= report.answers
        if self.told_to_wait_s == report.told_to_wait_s:
            self.told_to_wait_s = 0.0
        if self.empty_for_s == report.empty_for_s:
            self.empty_for_s = 0.0
        if self.exhausted == report.exhausted:
            self.exhausted = None
        if self.trouble is not None and report.trouble is not None and self.trouble.kind == report.trouble.kind:
            newer = self.trouble.count - report.trouble.count
            if newer >= 0:
                self.trouble = self.trouble.model_copy(update={"count": newer}) if newer else None
