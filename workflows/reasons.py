"""Why a workflow's step failed, in the sentence its activity raised."""

from collections.abc import Iterator

from temporalio.exceptions import ActivityError, ApplicationError, ChildWorkflowError, FailureError, TimeoutError

from core.errors import BenchmarkError

RUN_FAILED = "RunFailed"
"""The type of the failure that a failed run's workflow ends with."""


def reason_of(error: BaseException) -> str:
    """What the step said; not what caused it, which says less. A timeout says which one ran out."""
    inner = error
    while isinstance(inner, ActivityError | ChildWorkflowError) and inner.cause is not None:
        inner = inner.cause
    match inner:
        case TimeoutError():
            kind = inner.type.name.lower().replace("_", "-") if inner.type else "activity"
            return f"No worker finished the step in time ({kind} timeout)."
        case ApplicationError() if inner.type not in OURS:
            return f"The step broke: {inner.type}: {inner.message}"
        case FailureError():
            return inner.message
        case _:
            return str(inner) or type(inner).__name__


def _names(error: type[BenchmarkError]) -> Iterator[str]:
    yield error.__name__
    for kind in error.__subclasses__():
        yield from _names(kind)


OURS = frozenset({RUN_FAILED, *_names(BenchmarkError)})
"""Failures whose message is a sentence for people."""
