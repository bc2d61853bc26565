"""Why a workflow's step failed, in the sentence its activity raised."""

from temporalio.exceptions import FailureError, TimeoutError


def reason_of(error: BaseException) -> str:
    """The innermost message of a chain of Temporal failures; a timeout says which one ran out."""
    inner = error
    while isinstance(inner, FailureError) and inner.cause is not None:
        inner = inner.cause
    if isinstance(inner, TimeoutError):
        kind = inner.type.name.lower().replace("_", "-") if inner.type else "activity"
        return f"No worker finished the step in time ({kind} timeout)."
    if isinstance(inner, FailureError):
        return inner.message
    return str(inner) or type(inner).__name__
