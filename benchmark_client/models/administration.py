"""Answers of the API about administration, written by `python -m tests.benchmark_client.generation`."""

from datetime import datetime
from typing import Literal

from pydantic import Field

from benchmark_client.models.answer import Answer


class ApiKey(Answer):
    """What may be told of an API key: never the key."""

    api_key_id: str
    project_id: str = "default"
    name: str
    prefix: str
    scopes: tuple[Literal["benchmark:read", "benchmark:write", "results:read", "admin:full"] | str, ...]
    status: Literal["active", "expired", "revoked"] | str
    expires_at: datetime | None = None
    revoked_at: datetime | None = None
    former_until: datetime | None = None
    last_used_at: datetime | None = None
    created_by: str
    created_at: datetime
    updated_at: datetime
    revision: int


class ApiKeyWithSecret(ApiKey):
    """What is answered once, when the key is made."""

    key: str | None = Field(default=None, repr=False)


class BrokenLink(Answer):
    """The first place where the chain does not hold."""

    link_no: int | None = None
    audit_no: int | None = None
    reason: str


class AuditCheck(Answer):
    whole: bool
    events: int
    head: str | None = None
    broken: BrokenLink | None = None


class AuditEvent(Answer):
    """Somebody did something."""

    audit_no: int
    principal: str
    action: str
    subject: str
    data: dict[str, str]
    created_at: datetime


class Whoami(Answer):
    """Who asks, as the service sees it."""

    name: str
    through: Literal["api_key", "operator_key", "this_machine"] | str
    project_id: str
    scopes: tuple[Literal["benchmark:read", "benchmark:write", "results:read", "admin:full"] | str, ...]
    api_key_id: str | None = None
    expires_at: datetime | None = None
