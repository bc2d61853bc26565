"""Answers of the API about administration, written by `python -m tests.benchmark_client.generation`."""

from datetime import datetime

from benchmark_client.models.answer import Answer


class AuditEvent(Answer):
    """Somebody did something."""

    audit_no: int
    principal: str
    action: str
    subject: str
    data: dict[str, str]
    created_at: datetime
