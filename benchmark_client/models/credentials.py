"""Answers of the API about credentials, written by `python -m tests.benchmark_client.generation`."""

from datetime import datetime

from benchmark_client.models.answer import Answer


class Credential(Answer):
    """What may be told of a stored secret: never the secret."""

    credential_id: str
    project_id: str = "default"
    name: str
    origin: str
    created_at: datetime
    updated_at: datetime
    revision: int
