"""Where our errors become Temporal's, and where every activity is logged and counted."""

import time
from datetime import timedelta
from typing import Any, Final

import structlog
from prometheus_client import Counter, Histogram
from structlog.contextvars import bound_contextvars
from temporalio import activity
from temporalio.exceptions import ApplicationError
from temporalio.worker import ActivityInboundInterceptor, ExecuteActivityInput, Interceptor

from adapters.database.failures import is_absence
from core.errors import BenchmarkError, ServiceUnavailable, TransientError

BROKEN_AFTER: Final = 20
"""An error that nobody foresaw is final from this attempt on, whatever ended those before; parts of our own that are
away get the whole policy."""

logger: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)
ACTIVITIES = Counter("benchmark_activities_total", "Activities by name and how they ended.", ["activity", "outcome"])
SECONDS = Histogram(
    "benchmark_activity_seconds",
    "Seconds an activity took.",
    ["activity"],
    buckets=(0.01, 0.05, 0.1, 0.5, 1, 5, 10, 30, 60, 300, 1800),
)


class ErrorTranslation(Interceptor):
    """Says of every error whether another attempt can help; the rest is Temporal's retry policy."""

    def intercept_activity(self, next: ActivityInboundInterceptor) -> ActivityInboundInterceptor:
        return _Translating(next)


class _Translating(ActivityInboundInterceptor):
    async def execute_activity(self, input: ExecuteActivityInput) -> Any:
        info = activity.info()
        workflow_id = info.workflow_id or ""
        # An agent's workflow is named `run/agent`: the run is what people look for in logs.
        with bound_contextvars(run_id=workflow_id.partition("/")[0], workflow_id=workflow_id):
            return await self._logged(input, logger.bind(activity=info.activity_type, attempt=info.attempt))

    async def _logged(self, input: ExecuteActivityInput, log: structlog.stdlib.BoundLogger) -> Any:
        name = activity.info().activity_type
        began = time.perf_counter()
        try:
            result = await self.next.execute_activity(input)
        except BenchmarkError as error:
            ACTIVITIES.labels(name, "failed").inc()
            log.warning("activity_failed", error=str(error), kind=type(error).__name__)
            raise translated(error) from error
        except BaseException as error:
            if is_absence(error):
                ACTIVITIES.labels(name, "failed").inc()
                log.warning("activity_failed", error=str(error).partition("\n")[0], kind=type(error).__name__)
                # The system says of itself what is wrong: a disk that is full, a file that may not be read.
                if isinstance(error, OSError):
                    raise
                raise translated(ServiceUnavailable("PostgreSQL does not answer.")) from error
            ACTIVITIES.labels(name, "broken").inc()
            log.exception("activity_broken", kind=type(error).__name__)
            if isinstance(error, Exception) and activity.info().attempt >= BROKEN_AFTER:
                raise ApplicationError(str(error), type=type(error).__name__, non_retryable=True) from error
            raise
        seconds = time.perf_counter() - began
        ACTIVITIES.labels(name, "completed").inc()
        SECONDS.labels(name).observe(seconds)
        log.debug("activity_completed", seconds=round(seconds, 4))
        return result


def translated(error: BenchmarkError) -> ApplicationError:
    """Transient errors are tried again, when they say so; all others are final."""
    transient = isinstance(error, TransientError)
    pause = timedelta(seconds=error.retry_after) if transient and error.retry_after is not None else None
    return ApplicationError(str(error), type=type(error).__name__, non_retryable=not transient, next_retry_delay=pause)
