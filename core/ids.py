"""Identifiers: TypeIDs, which say what they name and sort by creation time (`run_01h...`)."""

import hashlib
from datetime import datetime
from typing import Annotated, Any, Literal, cast
from uuid import UUID

from pydantic import StringConstraints
from typeid import TypeID

Kind = Literal[
    "run",
    "agent",
    "bench",
    "ds",
    "dsv",
    "evt",
    "req",
    "cred",
    "aud",
    "wrk",
    "cmp",
    "gate",
    "limit",
    "sched",
    "hook",
    "msg",
    "eval",
    "file",
    "apikey",
]

RunId = Annotated[str, StringConstraints(pattern=r"^run_[0-7][0-9a-hjkmnp-tv-z]{25}$")]

DEFAULT_PROJECT = "default"
"""The project every row belongs to until tenancy is switched on."""


def new_id(kind: Kind) -> str:
    """A fresh TypeID of this kind."""
    return str(TypeID(prefix=kind))


def repeatable_id(kind: Kind, at: datetime, said: str) -> str:
    """The TypeID of this moment and these words: whoever does the same thing again gives it the same id."""
    # TypeID asks for the UUID type of its own library, and takes this one.
    return str(cast("Any", TypeID).from_uuid(repeatable_uuid(at, said), prefix=kind))


def repeatable_uuid(at: datetime, said: str) -> UUID:
    """Version 7: the moment, and a hash in place of chance."""
    noise = hashlib.sha256(said.encode()).digest()
    time = int(at.timestamp() * 1000).to_bytes(6)
    return UUID(bytes=time + bytes([0x70 | noise[0] & 0x0F, noise[1], 0x80 | noise[2] & 0x3F]) + noise[3:10])
