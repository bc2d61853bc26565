"""Everything that can go wrong, named once.

* BenchmarkError
  * InvalidInput           what the user sent cannot work; says where and what would
    - InvalidPlugin        unknown `kind`, or settings it rejects
    - InvalidDataset       a row, a line or a mapping that cannot become a case
    - InvalidRequest       several of these at once
  * NotFound               no such thing (or not yours)
  * Conflict               the thing is not in a state that allows this
    - StaleRevision        it was changed since the caller looked
  * OverBudget             nothing more may be spent until somebody raises a budget
  * PermanentError         retrying cannot help
    - AgentRefused         the agent rejected this one request
    - BadAnswer            the agent answered, but not with an answer; its bytes are kept
    - AgentUnusable        no request to this agent can succeed: wrong key, unknown model
      + QuotaExhausted     the account has no credit or daily quota left
      + KeyRefused         the agent does not accept our key
    - TargetRefused        the network policy forbids the address behind a URL
    - CannotJudge          the evaluator has nothing to judge by
  * TransientError         worth retrying, perhaps after `retry_after` seconds
    - Throttled            the agent asks for fewer requests
    - Unavailable          dropped connections, failures on their side
    - TimedOut             no complete answer within the deadline
    - ServiceUnavailable   one of our own parts (Temporal, PostgreSQL, storage) does not answer

Adapters raise these. `worker.interceptors` maps them to Temporal's retry rules and
`api.problems` maps them to HTTP. Nothing else translates.
"""

from collections.abc import Sequence


class BenchmarkError(Exception):
    """The root: its text is a sentence a person can act on."""


class InvalidInput(BenchmarkError):
    """What the user sent cannot work. `pointer` is a JSON pointer into what was sent."""

    def __init__(self, detail: str, *, pointer: str = "") -> None:
        super().__init__(detail)
        self.pointer = pointer


class InvalidPlugin(InvalidInput):
    """An unknown `kind`, or settings it rejects."""


class InvalidDataset(InvalidInput):
    """A dataset that cannot be read or mapped. `line` counts from 1; None when it is not about one line."""

    def __init__(self, detail: str, *, line: int | None = None, pointer: str = "") -> None:
        super().__init__(detail if line is None else f"Line {line}: {detail}", pointer=pointer)
        self.line = line


class InvalidRequest(InvalidInput):
    """All that is wrong with what was sent, one or several `mistakes`; reads as the first of them."""

    def __init__(self, mistakes: Sequence[InvalidInput]) -> None:
        super().__init__(str(mistakes[0]), pointer=mistakes[0].pointer)
        self.mistakes = tuple(mistakes)


class NotFound(BenchmarkError):
    """There is no such thing, or it belongs to somebody else: the two look the same."""


class Conflict(BenchmarkError):
    """The thing is not in a state that allows this."""


class StaleRevision(Conflict):
    """The thing was changed since the caller looked at it: look again, then decide."""


class OverBudget(BenchmarkError):
    """Nothing more may be spent until somebody raises a budget; says of what."""


class PermanentError(BenchmarkError):
    """Retrying cannot help."""


class AgentRefused(PermanentError):
    """The agent rejected this one request; others may succeed."""


class BadAnswer(PermanentError):
    """The agent sent something that is not an answer. `raw` is what it sent, cut to a few KiB, printable."""

    def __init__(self, detail: str, *, raw: str = "") -> None:
        super().__init__(detail)
        self.raw = raw


class AgentUnusable(PermanentError):
    """No request to this agent can succeed until somebody mends its settings."""


class QuotaExhausted(AgentUnusable):
    """The account has no credit or daily quota left."""


class KeyRefused(AgentUnusable):
    """The agent does not accept our key."""


class TargetRefused(PermanentError):
    """The network policy forbids the address behind a URL."""


class CannotJudge(PermanentError):
    """The evaluator has nothing to judge this case by."""


class TransientError(BenchmarkError):
    """Worth retrying. `retry_after` is in seconds, None when nobody said."""

    def __init__(self, detail: str, *, retry_after: float | None = None) -> None:
        super().__init__(detail)
        self.retry_after = retry_after


class Throttled(TransientError):
    """The agent asks for fewer requests."""


class Unavailable(TransientError):
    """The agent cannot be reached, or failed on its side."""


class TimedOut(TransientError):
    """No complete answer within the deadline."""


class ServiceUnavailable(TransientError):
    """One of our own parts does not answer."""


def listed(names: Sequence[str]) -> str:
    """`a, b, c`, or `none`: for the end of a message that says what would be right."""
    return ", ".join(sorted(names)) or "none"
