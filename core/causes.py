"""The causes of failures, and what each means for the run: one table for the code, the figures and the documents."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Literal, get_args

from core.errors import Throttled, TimedOut, TransientError
from core.model import Model
from core.outcomes import Cause

FailureCause = Cause | Literal["evaluator", "judge"]
"""Why a question has no score: it got no answer, or its answer no verdict."""


class Meaning(Model):
    """What a cause means. A failure that is not the agent's fault only ever lowers coverage."""

    when: str
    retried: bool
    """Within the run, before it counts as failed."""
    agents_fault: bool
    """Counts as a wrong answer in a run that asks for it (`failed_counts_as: wrong`)."""
    absence: bool = False
    """The agent was not there: when nothing else ever came from it, it is given up."""


MEANINGS: Mapping[FailureCause, Meaning] = MappingProxyType(
    {
        "agent": Meaning(when="it sent something that is no answer, or broke", retried=False, agents_fault=True),
        "refused": Meaning(
            when="it rejected this one request, or the request could not be made", retried=False, agents_fault=True
        ),
        "throttled": Meaning(when="it asked for fewer requests to the last", retried=True, agents_fault=False),
        "timeout": Meaning(
            when="no complete answer came within `timeout_s`", retried=True, agents_fault=True, absence=True
        ),
        "infrastructure": Meaning(
            when="it could not be reached, or failed on its side", retried=True, agents_fault=False, absence=True
        ),
        "evaluator": Meaning(
            when="an evaluator broke, hung or ran out of memory over the answer", retried=True, agents_fault=False
        ),
        "judge": Meaning(when="a judge could not be had, or gave no verdict", retried=True, agents_fault=False),
        "budget": Meaning(when="the run's budget did not reach for it", retried=False, agents_fault=False),
        "cancelled": Meaning(when="the run was cancelled first", retried=False, agents_fault=False),
        "unknown": Meaning(
            when="a worker was lost with the call; sent again once, unless `delivery` is `at_most_once`",
            retried=True,
            agents_fault=False,
        ),
    }
)

FAULTS: tuple[Cause, ...] = tuple(cause for cause in get_args(Cause) if MEANINGS[cause].agents_fault)
"""Of failed questions, those that are the agent's fault."""


def cause_of(error: TransientError) -> Cause:
    if isinstance(error, Throttled):
        return "throttled"
    return "timeout" if isinstance(error, TimedOut) else "infrastructure"
