"""Stored datasets and the case sets that runs ask: content-addressed, in shards."""

from datetime import datetime

from pydantic import Field

from core.cases import Case
from core.ids import DEFAULT_PROJECT
from core.model import Model, Name


class CaseSet(Model):
    """The cases of a run, in order: `shards[i]` holds cases `i * shard_size` and on, one JSON object a line, gzip."""

    digest: str
    """sha256 over the canonical JSON of all cases, then of the examples: equal means the same questions in the same
    order, shown with the same examples to draw from."""
    case_count: int
    shard_size: int
    shards: tuple[str, ...]
    """Keys in object storage; each names the sha256 of its content."""
    examples: dict[str, tuple[Case, ...]] = Field(default_factory=dict[str, tuple[Case, ...]])
    """Held-out cases by category ("" for none), for few-shot prompts: never among the asked ones."""


class DatasetVersion(Model):
    dataset_id: str
    project_id: str = DEFAULT_PROJECT
    name: Name
    version: int
    """Counts from 1; the same content uploaded again is the same version."""
    digest: str
    """sha256 of the uploaded bytes."""
    format: str
    """jsonl, json, csv, tsv or parquet."""
    row_count: int
    fields: tuple[str, ...]
    size_bytes: int
    object_key: str
    created_at: datetime
