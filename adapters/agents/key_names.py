"""What provider keys are called: by a hash that is the same for the same secret, and tells nothing of it."""

import hashlib
import hmac
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress

from adapters.agents.provider import Provided, Provider
from adapters.network.target import origin
from core.errors import BenchmarkError
from core.limits import ProviderKey


class KeyNames:
    """`salt` gives the key of the hash, the same for all processes. `origins_as_one` are those whose limits hold for
    all models of a key together."""

    def __init__(self, salt: Callable[[], Awaitable[str]], *, origins_as_one: Sequence[str]) -> None:
        self._salt = salt
        self._origins_as_one = frozenset(origin(each) for each in origins_as_one)

    async def of(self, asked: object) -> ProviderKey | None:
        """The key by which somebody is asked; None for one without a provider."""
        # What stands in the way of a key stands in the way of a call, whose outcome says it better.
        with suppress(BenchmarkError):
            if isinstance(asked, Provided):
                return self._named(await asked.provider(), await self._salt())
        return None

    def _named(self, provider: Provider, salt: str) -> ProviderKey:
        model = None if provider.origin in self._origins_as_one else provider.model
        content = "\x00".join([provider.origin, provider.secret or "", model or ""])
        digest = hmac.new(salt.encode(), content.encode(), hashlib.sha256).hexdigest()[:32]
        return ProviderKey(key_id=f"key_{digest}", origin=provider.origin, credential=provider.credential, model=model)
