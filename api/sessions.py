"""Sessions of people who look at the pages: the API key they signed in with, sealed in a cookie for some hours.

What the cookie holds is asked about like a key that was sent, with every request: one that was revoked ends its
sessions at once. Browsers send it to the pages only, never to the API.
"""

import base64
import hashlib
from functools import cached_property
from http.cookies import CookieError, SimpleCookie
from typing import Final

from cryptography.fernet import Fernet, InvalidToken
from starlette.datastructures import Headers
from starlette.types import Scope

from core.settings import Settings

PAGES: Final = "/ui"
"""Where the pages are, and the only place the cookie goes to."""
COOKIE: Final = "benchmark_session"
LASTS_S: Final = 12 * 3600
SALT: Final = b"AI Benchmark Service: sessions"


class Sessions:
    """Sealed with what only the service knows: every process of it opens what another one sealed."""

    def __init__(self, settings: Settings) -> None:
        self._secrets = [] if settings.api_key is None else [settings.api_key, *settings.secret_keys]

    @property
    def are_kept(self) -> bool:
        """False where everybody who reaches the service is its operator."""
        return bool(self._secrets)

    def seal(self, key: str) -> str:
        """The cookie's value for this API key."""
        return self._fernet.encrypt(key.encode()).decode()

    def key_in(self, scope: Scope) -> str | None:
        """The API key of the session that a request for a page belongs to; None without one that holds."""
        if not self._secrets or not is_page(scope["path"]):
            return None
        try:
            kept = SimpleCookie(Headers(scope=scope).get("cookie", "")).get(COOKIE)
            return None if kept is None else self._fernet.decrypt(kept.value, ttl=LASTS_S).decode()
        except (CookieError, InvalidToken):
            return None

    @cached_property
    def _fernet(self) -> Fernet:
        # Slow on purpose: who has a cookie of their own must not find the operator's key by trying.
        known = b"\n".join(secret.get_secret_value().encode() for secret in self._secrets)
        return Fernet(base64.urlsafe_b64encode(hashlib.scrypt(known, salt=SALT, n=2**14, r=8, p=1, dklen=32)))


def is_page(path: str) -> bool:
    return path == PAGES or path.startswith(f"{PAGES}/")
