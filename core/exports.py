"""Runs in the formats of others: what an exporter is given, and what it is."""

from collections.abc import AsyncGenerator, AsyncIterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from core.cases import Case, Message
from core.items import ItemRecord, ItemScore
from core.runs import Run


@dataclass(frozen=True, slots=True)
class ExportedItem:
    """How one question to one agent ended, with all that was asked."""

    item_id: str
    record: ItemRecord
    case: Case
    messages: tuple[Message, ...]
    """As the agent was asked; none where the prompt's template failed on the case."""
    scores: Mapping[str, ItemScore]
    """By label: the verdicts of the run's present evaluators, unscored ones included; none of a failed question."""


Pages = AsyncIterable[Sequence[ExportedItem]]
"""All items in the order of agents, trials and cases, some at a time."""


class Exporter(Protocol):
    """One format. Writes a run that has ended, and holds a page of it in memory, not all."""

    media_type: str
    suffix: str
    """Of a file's name: `csv`."""
    one_agent: bool
    """Whether a file has room for one agent only; `run.agents` then is that agent alone."""

    def write(self, run: Run, pages: Pages) -> AsyncGenerator[bytes]:
        """The file, piece by piece. Raises Conflict, before the first piece, for a run that it cannot hold."""
        ...
