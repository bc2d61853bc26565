"""What a worker and its side processes say to each other: frames of JSON, each after its length.

The worker sends a `Work`; the side process answers with frames of verdicts, in the order of the answers: an empty one
once the evaluator is open, then some whenever there are any. JSON both ways: what an evaluator says is never unpickled.
"""

import struct
from typing import Annotated

from pydantic import Field, TypeAdapter

from core.benchmarks import Evaluation
from core.cases import Case, Reply
from core.model import Model
from core.plugins import CodeExecution
from core.verdicts import Verdict

HEADER = struct.Struct("<I")
LARGEST_FRAME = 512 * 1024**2
LARGEST_VERDICT = 2 * 1024**2
"""Bytes of JSON; larger ones are refused in the side process."""

Judged = tuple[Case, Reply]
"""An answer, and the case it answers."""

VERDICT: TypeAdapter[Verdict] = TypeAdapter(Verdict)
VERDICTS: TypeAdapter[tuple[Verdict, ...]] = TypeAdapter(tuple[Verdict, ...])


class Limits(Model):
    """What a side process is told when it starts."""

    parent: int
    """The process it ends with."""
    memory_bytes: Annotated[int, Field(ge=128 * 1024**2)]
    """Address space."""
    code_execution: CodeExecution = "off"


class Work(Model):
    evaluation: Evaluation
    answers: tuple[Judged, ...]


def framed(content: bytes) -> bytes:
    return HEADER.pack(len(content)) + content
