"""Answers of the API about benchmarks, written by `python -m tests.benchmark_client.generation`."""

from datetime import datetime

from benchmark_client.models.answer import Answer
from benchmark_client.models.definitions import BenchmarkDefinition


class BenchmarkView(Answer):
    benchmark_id: str
    name: str
    version: int
    definition: BenchmarkDefinition
    created_at: datetime
