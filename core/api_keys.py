"""API keys: who may use the service, what for, and until when."""

from datetime import datetime
from typing import Annotated, Final, Literal

from pydantic import AwareDatetime, Field

from core.ids import DEFAULT_PROJECT
from core.model import Model, Name

Scope = Literal["benchmark:read", "benchmark:write", "results:read", "admin:full"]
"""benchmark:read: definitions, runs, events and settings; benchmark:write: starting and changing them; results:read:
figures and answers; admin:full: all of it, API keys and the audit log."""
ApiKeyStatus = Literal["active", "expired", "revoked"]
Through = Literal["api_key", "operator_key", "this_machine"]
"""By one of the stored keys; by BENCHMARK_API_KEY; or by none, where there is no BENCHMARK_API_KEY."""

OPERATOR: Final = "operator"
"""The name of whoever holds BENCHMARK_API_KEY, or sits at the machine of a service that has none."""
DAY_S: Final = 86_400
BEGINS: Final = "abk_"
"""Every key of the service begins so."""

Scopes = Annotated[tuple[Scope, ...], Field(min_length=1, max_length=10, examples=[["benchmark:read", "results:read"]])]
Expiry = Annotated[AwareDatetime | None, Field(examples=["2027-06-30T00:00:00Z"])]


class NewApiKey(Model):
    """What is posted to have an API key made."""

    name: Name
    """Whose it is or what it is for, as the audit log tells it; no two keys that hold bear the same."""
    scopes: Scopes
    expires_at: Expiry = None
    """From then on it is refused; never without one."""


class ApiKeyChange(Model):
    """What is to be otherwise; absent fields stay as they are."""

    name: Name | None = None
    scopes: Scopes | None = None
    expires_at: Expiry = None
    """`null`: it never expires."""


class ApiKeyRotation(Model):
    keep_s: int = Field(default=DAY_S, ge=0, le=7 * DAY_S)
    """For so many seconds the former secret holds as well."""


class ApiKey(Model):
    """What may be told of an API key: never the key."""

    api_key_id: str
    project_id: str = DEFAULT_PROJECT
    name: Name
    prefix: str
    """How the key begins, to know it by."""
    scopes: tuple[Scope, ...]
    status: ApiKeyStatus
    expires_at: datetime | None
    revoked_at: datetime | None
    former_until: datetime | None
    """Until then the secret before the last rotation holds as well."""
    last_used_at: datetime | None
    """To about a minute."""
    created_by: str
    created_at: datetime
    updated_at: datetime
    revision: int
    """Another one with every change; a change may name the one it knows (`If-Match`)."""


class ApiKeyWithSecret(ApiKey):
    """What is answered once, when the key is made."""

    # As text it is written where the object is.
    key: str | None = Field(repr=False, json_schema_extra={"format": "password"})
    """The key itself. Never shown again: a repeated request is answered without it."""


class Whoami(Model):
    """Who asks, as the service sees it."""

    name: str
    through: Through
    project_id: str
    scopes: tuple[Scope, ...]
    api_key_id: str | None
    expires_at: datetime | None


def prefix_of(api_key_id: str) -> str:
    """How keys of this id begin.

    >>> prefix_of("apikey_01k9rjw1qye8xs5vt1m4ywk0a4")
    'abk_01k9rjw1qye8xs5vt1m4ywk0a4_'
    """
    return f"{BEGINS}{api_key_id.removeprefix('apikey_')}_"
