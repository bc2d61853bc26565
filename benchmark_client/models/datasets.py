"""Answers of the API about datasets, written by `python -m tests.benchmark_client.generation`."""

from datetime import datetime

from pydantic import JsonValue

from benchmark_client.models.answer import Answer


class DatasetVersion(Answer):
    dataset_id: str
    project_id: str = "default"
    name: str
    version: int
    digest: str
    format: str
    row_count: int
    fields: tuple[str, ...]
    size_bytes: int
    object_key: str
    created_at: datetime


class Preview(Answer):
    """The first rows, as they are before any mapping."""

    dataset: DatasetVersion
    rows: tuple[dict[str, JsonValue], ...]
