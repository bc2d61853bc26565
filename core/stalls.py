"""Why a run does not move: the causes that the watch over runs tells apart."""

from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Literal, get_args

from core.model import Model

StallCause = Literal[
    "lost_start",
    "terminated",
    "no_worker",
    "worker_blocked",
    "temporal",
    "provider",
    "limits",
    "agent",
    "judge",
    "preparation",
    "unknown",
]
CAUSES: Mapping[StallCause, str] = MappingProxyType(
    {
        "lost_start": "its record was written and its workflow never began; it is started now",
        "terminated": "somebody ended its workflow in Temporal, or the workflow broke; the record is closed",
        "no_worker": "no worker process is there: none was started, or they died or are frozen",
        "worker_blocked": "worker processes are there, but do not get on: blocked, or a call is never given up",
        "temporal": "Temporal does not answer",
        "provider": "a provider refuses connections, fails on its side or refuses its key",
        "limits": "calls wait for their turn within the limits of their provider key",
        "agent": "calls are out, and none was answered for so long",
        "judge": "everything is asked, and no verdict comes",
        "preparation": "its questions are still being prepared",
        "unknown": "none of these; what Temporal says of its steps is told",
    }
)
assert set(CAUSES) == set(get_args(StallCause))


class Stall(Model):
    """A run that does not move, and why."""

    cause: StallCause
    reason: str
    """In a sentence or two."""
    since: datetime
    """When it last moved."""
