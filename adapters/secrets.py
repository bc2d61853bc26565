"""Secrets at rest: sealed with rotating Fernet keys, each bound to its project, its name and its origin.

Fernet authenticates no context of its own, so the context is sealed in with the secret: a ciphertext that was moved
to another name, project or origin does not open.
"""

from collections.abc import Sequence

import orjson
from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from pydantic import SecretStr

from adapters.database.credentials import CredentialRepository
from core.errors import AgentUnusable, InvalidInput, NotFound
from core.ids import DEFAULT_PROJECT


class Sealer:
    """Seals with the first key, opens with any. Raises InvalidInput for keys that are none, or when there are none."""

    def __init__(self, keys: Sequence[SecretStr]) -> None:
        try:
            self._fernet = MultiFernet([Fernet(key.get_secret_value()) for key in keys]) if keys else None
        except ValueError as error:
            raise InvalidInput(
                "BENCHMARK_SECRET_KEYS holds something that is no Fernet key; make one with "
                '`python -c "from cryptography.fernet import Fernet; print(Fernet.generate_key().decode())"`.'
            ) from error

    def seal(self, secret: str, *, project_id: str, name: str, origin: str) -> str:
        return self._keys.encrypt(orjson.dumps([project_id, name, origin, secret])).decode()

    def open(self, ciphertext: str, *, project_id: str, name: str, origin: str) -> str:
        """Raises AgentUnusable when no key opens it, or it was sealed for something else."""
        try:
            *context, secret = orjson.loads(self._keys.decrypt(ciphertext))
        except InvalidToken as error:
            raise AgentUnusable(
                f"No key of BENCHMARK_SECRET_KEYS opens the credential {name!r}; add the key it was stored with, "
                "or store it again."
            ) from error
        if context != [project_id, name, origin]:
            raise AgentUnusable(f"The stored credential {name!r} was sealed for something else; store it again.")
        return secret

    @property
    def _keys(self) -> MultiFernet:
        if self._fernet is None:
            raise InvalidInput("Credentials cannot be kept without BENCHMARK_SECRET_KEYS; set it to a Fernet key.")
        return self._fernet


class StoredSecrets:
    """Implements core.ports.Secrets for one project."""

    def __init__(self, credentials: CredentialRepository, sealer: Sealer, *, project_id: str = DEFAULT_PROJECT) -> None:
        self._credentials = credentials
        self._sealer = sealer
        self._project_id = project_id

    async def reveal(self, name: str, *, origin: str) -> str:
        try:
            sealed = await self._credentials.sealed(self._project_id, name)
        except NotFound as error:
            raise AgentUnusable(f"{error} Store it with POST /v1/credentials.") from error
        if sealed.origin != origin:
            raise AgentUnusable(
                f"The credential {name!r} is bound to {sealed.origin} and is not sent to {origin}; "
                "store one for that origin under its own name."
            )
        return self._sealer.open(sealed.ciphertext, project_id=self._project_id, name=name, origin=origin)
