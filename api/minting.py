"""What may be asked of API keys that are made and changed."""

from datetime import UTC, datetime
from typing import Any

from core.api_keys import OPERATOR, ApiKeyChange, NewApiKey
from core.errors import InvalidInput


def check_new(wanted: NewApiKey) -> None:
    """Raises InvalidInput."""
    _check(wanted.name, wanted.expires_at)


def changes_of(wanted: ApiKeyChange) -> dict[str, Any]:
    """The columns that change, with their values. Raises InvalidInput."""
    _check(wanted.name, wanted.expires_at)
    changes: dict[str, Any] = {}
    if wanted.name is not None:
        changes["name"] = wanted.name
    if wanted.scopes is not None:
        changes["scopes"] = sorted(set(wanted.scopes))
    if "expires_at" in wanted.model_fields_set:
        changes["expires_at"] = wanted.expires_at
    return changes


def _check(name: str | None, expires_at: datetime | None) -> None:
    if name is not None and name.strip().casefold() == OPERATOR:
        raise InvalidInput(f"{OPERATOR!r} is who holds BENCHMARK_API_KEY; take another name.", pointer="/name")
    if expires_at is not None and expires_at <= datetime.now(UTC):
        raise InvalidInput("A key cannot expire in the past; revoke it to end it now.", pointer="/expires_at")
