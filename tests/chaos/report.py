"""What a soak has to show, as JSON and as the tables of `docs/reliability.md`."""

from collections.abc import Generator, Sequence
from statistics import median

from core.model import Model
from tests.chaos.audit import Audited
from tests.chaos.blows import Blow


class Recovery(Model):
    """How often a fault struck, and the seconds until the service had recovered from it."""

    fault: str
    struck: int
    recovery_of: str
    """`calls`: until every call in flight had its outcome, or the next. `steps`: until a workflow went on. `answers`:
    until the API answered."""
    alone: int
    alone_median_s: float | None
    """Over blows that came while nothing else was wrong, of the last affected question of each."""
    alone_max_s: float | None
    together_median_s: float | None
    together_max_s: float | None


class Appetite(Model):
    """What the oldest worker, or the API, held at some moment."""

    at_s: float
    worker_mb: float
    worker_files: int
    database_connections: int


class SoakReport(Model):
    seed: int
    minutes: float
    revision: str
    acts: int
    recoveries: tuple[Recovery, ...]
    runs: int
    outcomes: int
    calls: int
    """That the provider saw."""
    lost_claims: int
    resent_calls: int
    """Calls of lost claims that the provider saw: bought twice, or for nothing."""
    late_answers: int
    lost_for_good: int
    """Questions of runs that may not repeat a call."""
    rounds_asked_again: int
    unavailable: int
    """Requests that the API could not answer, or answered with 503."""
    appetite: tuple[Appetite, ...]
    findings: tuple[str, ...]
    """What was not as promised; empty if all is well."""

    def markdown(self) -> Generator[str]:
        yield f"Seed {self.seed}, {self.minutes:.0f} minutes, {self.acts} acts, revision {self.revision}."
        yield ""
        yield "| fault | struck | alone | recovery alone: median, max | among others: median, max |"
        yield "|---|---|---|---|---|"
        for each in self.recoveries:
            alone = _span(each.alone_median_s, each.alone_max_s)
            yield f"| {each.fault} | {each.struck} | {each.alone} | {alone} | " + (
                f"{_span(each.together_median_s, each.together_max_s)} |"
            )
        yield ""
        yield f"- {self.runs} runs, {self.outcomes:,} outcomes, {self.calls:,} calls seen by the provider."
        yield f"- {self.lost_claims} claims lost, {self.resent_calls} of them sent, {self.late_answers} late."
        yield f"- {self.lost_for_good} questions lost for good where no call may be repeated."
        yield f"- {self.rounds_asked_again} further rounds, {self.unavailable} requests that found the API away."
        if self.appetite:
            first, last = self.appetite[min(len(self.appetite) - 1, len(self.appetite) // 4)], self.appetite[-1]
            yield f"- The oldest worker after a quarter and at the end: {_held(first)}; {_held(last)}."
        yield f"- Findings: {len(self.findings) or 'none'}."
        yield from (f"  - {finding}" for finding in self.findings)


def _held(appetite: Appetite) -> str:
    files, connections = appetite.worker_files, appetite.database_connections
    return f"{appetite.worker_mb:.0f} MB, {files} files, {connections} connections at the database"


def _span(middle: float | None, most: float | None) -> str:
    return "-" if middle is None or most is None else f"{middle:.1f} s, {most:.1f} s"


def recoveries(blows: Sequence[Blow]) -> Generator[Recovery]:
    for fault in sorted({blow.fault for blow in blows}):
        own = [blow for blow in blows if blow.fault == fault]
        alone = [blow.recovered_s[-1] for blow in own if blow.alone and blow.recovered_s]
        together = [blow.recovered_s[-1] for blow in own if not blow.alone and blow.recovered_s]
        yield Recovery(
            fault=fault,
            struck=len(own),
            recovery_of=own[0].measure,
            alone=sum(blow.alone for blow in own),
            alone_median_s=median(alone) if alone else None,
            alone_max_s=max(alone, default=None),
            together_median_s=median(together) if together else None,
            together_max_s=max(together, default=None),
        )


def totals(audited: Sequence[Audited]) -> dict[str, int]:
    return {
        "runs": len(audited),
        "outcomes": sum(run.outcomes for run in audited),
        "calls": sum(run.calls for run in audited),
        "lost_claims": sum(run.lost for run in audited),
        "resent_calls": sum(run.resent for run in audited),
        "late_answers": sum(run.late for run in audited),
        "lost_for_good": sum(run.lost_for_good for run in audited),
    }
