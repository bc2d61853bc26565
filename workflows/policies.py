"""How long activities may take and how often they are tried. Every policy has a name and a reason."""

from datetime import timedelta

from temporalio.common import RetryPolicy
from temporalio.workflow import ActivityCancellationType, ActivityConfig

RECORD = ActivityConfig(
    start_to_close_timeout=timedelta(seconds=20),
    retry_policy=RetryPolicy(initial_interval=timedelta(milliseconds=200), maximum_interval=timedelta(seconds=10)),
)
"""A short write to our own database: worth trying until it is back, for nothing is true before it is written."""

SUBMIT = ActivityConfig(
    start_to_close_timeout=timedelta(seconds=60),
    retry_policy=RetryPolicy(initial_interval=timedelta(milliseconds=200), maximum_interval=timedelta(seconds=10)),
)
"""Accepts a scheduled run: its time has come, so it is tried until our database is back."""

DELIVER = ActivityConfig(
    start_to_close_timeout=timedelta(minutes=10),
    retry_policy=RetryPolicy(initial_interval=timedelta(milliseconds=500), maximum_interval=timedelta(seconds=30)),
)
"""One attempt at a receiver, given up after 20 s, and a short write: tried until our database is back. The time is for
messages that wait for a place: at worst two hundred for eight places."""

AWAIT = ActivityConfig(
    start_to_close_timeout=timedelta(days=30),
    heartbeat_timeout=timedelta(seconds=60),
    retry_policy=RetryPolicy(maximum_interval=timedelta(seconds=30)),
)
"""Looks now and then whether a run has ended."""

PREPARE = ActivityConfig(
    start_to_close_timeout=timedelta(hours=1),
    heartbeat_timeout=timedelta(seconds=30),
    retry_policy=RetryPolicy(maximum_interval=timedelta(seconds=20), maximum_attempts=100),
)
"""Fetches and stores a dataset. Half an hour for our own parts to come back; the activity itself gives up on somebody
else's server sooner, with the reason."""

ASK = ActivityConfig(
    start_to_close_timeout=timedelta(hours=12),
    heartbeat_timeout=timedelta(seconds=10),
    cancellation_type=ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
    retry_policy=RetryPolicy(
        initial_interval=timedelta(milliseconds=50), maximum_interval=timedelta(seconds=20), maximum_attempts=100
    ),
)
"""Somebody else's model: long and heartbeating. A dead worker is noticed within ten seconds; a retry asks only what
is not recorded, so many are cheap. Cancelled, it reports what it still got."""

EVALUATE = ActivityConfig(
    start_to_close_timeout=timedelta(hours=2),
    heartbeat_timeout=timedelta(seconds=20),
    cancellation_type=ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
    retry_policy=RetryPolicy(
        initial_interval=timedelta(milliseconds=200), maximum_interval=timedelta(seconds=20), maximum_attempts=100
    ),
)
"""Our own computation, and judges: a retry judges only what is not recorded. Cancelled, it reports what it got. Half an
hour for our own parts to come back; what breaks of itself is given up far sooner (`worker.interceptors`)."""

AGGREGATE = ActivityConfig(
    start_to_close_timeout=timedelta(hours=1),
    heartbeat_timeout=timedelta(seconds=20),
    retry_policy=RetryPolicy(maximum_interval=timedelta(seconds=30), maximum_attempts=100),
)
"""Reads all results of a run: minutes for millions. Three quarters of an hour for our own parts to come back."""


def told(policy: ActivityConfig, summary: str) -> ActivityConfig:
    """The policy with the sentence the Temporal UI shows beside the step."""
    return {**policy, "summary": summary}
