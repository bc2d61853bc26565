"""Where our errors become Temporal's, and where every activity is logged and counted."""

import time
from datetime import timedelta
from typing import Any

import structlog
from prometheus_client import Counter, Histogram
from temporalio import activity
from temporalio.exceptions import ApplicationError
from temporalio.worker import ActivityInboundInterceptor, ExecuteActivityInput, Interceptor

from core.errors import BenchmarkError, TransientError

logger = structlog.get_logger(__name__)
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
        log = logger.bind(activity=info.activity_type, workflow_id=info.workflow_id, attempt=info.attempt)
        began = time.perf_counter()
        try:
            result = await self.next.execute_activity(input)
        except BenchmarkError as error:
            ACTIVITIES.labels(info.activity_type, "failed").inc()
            log.warning("activity_failed", error=str(error), kind=type(error).__name__)
            raise translated(error) from error
        except BaseException as error:
            ACTIVITIES.labels(info.activity_type, "broken").inc()
            log.exception("activity_broken", kind=type(error).__name__)
            raise
        seconds = time.perf_counter() - began
        ACTIVITIES.labels(info.activity_type, "completed").inc()
        SECONDS.labels(info.activity_type).observe(seconds)
        log.debug("activity_completed", seconds=round(seconds, 4))
        return result


def translated(error: BenchmarkError) -> ApplicationError:
    """Transient errors are tried again, when they say so; all others are final."""
    transient = isinstance(error, TransientError)
    pause = timedelta(seconds=error.retry_after) if transient and error.retry_after is not None else None
    return ApplicationError(str(error), type=type(error).__name__, non_retryable=not transient, next_retry_delay=pause)
