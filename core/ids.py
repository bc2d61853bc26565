"""Identifiers: TypeIDs, which say what they name and sort by creation time (`run_01h...`)."""

from typing import Annotated, Literal

from pydantic import StringConstraints
from typeid import TypeID

Kind = Literal["run", "agent", "bench", "ds", "dsv", "evt", "req", "cred", "aud", "wrk", "cmp", "gate", "limit"]

RunId = Annotated[str, StringConstraints(pattern=r"^run_[0-7][0-9a-hjkmnp-tv-z]{25}$")]

DEFAULT_PROJECT = "default"
"""The project every row belongs to until tenancy is switched on."""


def new_id(kind: Kind) -> str:
    """A fresh TypeID of this kind."""
    return str(TypeID(prefix=kind))
