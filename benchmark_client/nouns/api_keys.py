"""API keys of the service: who may use it, and what for."""

from collections.abc import Sequence
from datetime import datetime

from benchmark_client.documents import Body
from benchmark_client.models.administration import ApiKey, ApiKeyWithSecret
from benchmark_client.models.answer import Page
from benchmark_client.modes import M
from benchmark_client.nouns.noun import Noun
from benchmark_client.requests import Call, following, get, given, name, patch, post
from benchmark_client.series import Series, listing
from benchmark_client.verbs import ListVerb, Verb


class ApiKeys(Noun[M]):
    """For keys with the scope admin:full."""

    @Verb
    def create(
        self, key_name: str, scopes: Sequence[str], *, expires_at: datetime | None = None
    ) -> Call[ApiKeyWithSecret]:
        """The answer tells the key once: None if the first answer was lost and this is that of a second try; `rotate`
        makes another secret then. Without `expires_at` it never expires."""
        body = given(name=key_name, scopes=scopes, expires_at=expires_at)
        return Call(post("/v1/api-keys", body), ApiKeyWithSecret)

    @ListVerb
    def list(self, *, most: int | None = None) -> Series[ApiKey]:
        """The newest first, those that were revoked too."""
        return listing(Page[ApiKey], get("/v1/api-keys"), most)

    @Verb
    def get(self, api_key_id: str) -> Call[ApiKey]:
        """Its scopes, until when it holds, and when it was used last. Raises NotFound."""
        return Call(get(_path(api_key_id)), ApiKey)

    @Verb
    def change(self, api_key_id: str, changes: Body, *, revision: int | None = None) -> Call[ApiKey]:
        """Only what is said changes: `name`, `scopes`, `expires_at` (None: it never expires)."""
        return Call(following(patch(_path(api_key_id), changes), revision), ApiKey)

    @Verb
    def rotate(
        self, api_key_id: str, *, keep_s: int | None = None, revision: int | None = None
    ) -> Call[ApiKeyWithSecret]:
        """Makes another secret, told once; for `keep_s` seconds (a day) the former one holds as well."""
        body = given(keep_s=keep_s)
        return Call(following(post(f"{_path(api_key_id)}/rotate", body), revision), ApiKeyWithSecret)

    @Verb
    def revoke(self, api_key_id: str, *, revision: int | None = None) -> Call[ApiKey]:
        """For good, everywhere within a second."""
        return Call(following(post(f"{_path(api_key_id)}/revoke"), revision), ApiKey)


def _path(api_key_id: str) -> str:
    return f"/v1/api-keys/{name(api_key_id)}"
