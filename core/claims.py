"""What the ledger says to a claim: the right to send one call, or why there is none at this moment."""

from typing import Literal, NamedTuple

NO_CALL = 0
"""The fence of an outcome that no call led to: fences count from 1."""

Delivery = Literal["at_least_once", "at_most_once"]
"""What happens to a call whose outcome nobody saw because its worker was lost: at_least_once sends it again, once
more for each question; at_most_once never does."""

RESENDS: dict[Delivery, int] = {"at_least_once": 1, "at_most_once": 0}
"""How many calls of a question may be lost before it counts as failed for the cause `unknown`."""


class Granted(NamedTuple):
    """One call may be sent, by nobody else."""

    fence: int
    """Names the call from here on. Unique, and a later claim always has the greater one."""


class Held(NamedTuple):
    """Another call for the question is out, and its worker lives: look again later."""

    owner: str


class Done(NamedTuple):
    """The question got its outcome from somebody else."""

    status: Literal["answered", "failed"]


class Lost(NamedTuple):
    """So many calls were lost with their workers that the run wants no other."""

    calls: int


Claim = Granted | Held | Done | Lost
