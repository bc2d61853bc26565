"""Cancellations that got lost on their way.

What is cleaned up behind a cancellation may fail, and its error then takes the cancellation's place: a loop that lives
through errors would go on for good, and whoever waits for its end with it.
"""

import asyncio


def heed_cancellation() -> None:
    """For loops that live through errors, where they do. Raises CancelledError if this task was told to stop."""
    task = asyncio.current_task()
    if task is not None and task.cancelling():
        raise asyncio.CancelledError
