"""Sealed credentials: what opens them, and what does not."""

import pytest
from cryptography.fernet import Fernet
from pydantic import SecretStr

from adapters.database.credentials import CredentialRepository
from adapters.database.engine import open_engine, sessions
from adapters.secrets import Sealer, StoredSecrets
from core.errors import AgentUnusable, InvalidInput

OLD, NEW = (SecretStr(Fernet.generate_key().decode()) for _ in range(2))
PLACE = {"project_id": "default", "name": "lab", "origin": "https://models.example.com:443"}


def test_a_secret_opens_for_what_it_was_sealed_for_and_nothing_else() -> None:
    sealer = Sealer([NEW])
    sealed = sealer.seal("sk-1", **PLACE)
    assert "sk-1" not in sealed
    assert sealer.open(sealed, **PLACE) == "sk-1"
    for other in ({"project_id": "yours"}, {"name": "other"}, {"origin": "https://evil.example:443"}):
        with pytest.raises(AgentUnusable, match="sealed for something else"):
            sealer.open(sealed, **PLACE | other)


def test_keys_rotate_without_losing_what_was_stored() -> None:
    sealed = Sealer([OLD]).seal("sk-1", **PLACE)
    assert Sealer([NEW, OLD]).open(sealed, **PLACE) == "sk-1"
    with pytest.raises(AgentUnusable, match="No key of BENCHMARK_SECRET_KEYS opens"):
        Sealer([NEW]).open(sealed, **PLACE)


def test_without_keys_nothing_is_kept_and_a_wrong_key_says_how_to_make_one() -> None:
    with pytest.raises(InvalidInput, match="set it to a Fernet key"):
        Sealer([]).seal("sk-1", **PLACE)
    with pytest.raises(InvalidInput, match=r"Fernet\.generate_key"):
        Sealer([SecretStr("short")])


async def test_a_stored_secret_is_revealed_at_its_origin_only(migrated_database_url: str) -> None:
    async with open_engine(migrated_database_url) as engine:
        credentials = CredentialRepository(sessions(engine))
        sealer = Sealer([NEW])
        await credentials.put("default", "lab", origin=PLACE["origin"], ciphertext=sealer.seal("sk-1", **PLACE))
        secrets = StoredSecrets(credentials, sealer)
        assert await secrets.reveal("lab", origin=PLACE["origin"]) == "sk-1"
        with pytest.raises(AgentUnusable, match="is bound to"):
            await secrets.reveal("lab", origin="https://evil.example:443")
        with pytest.raises(AgentUnusable, match="no credential 'other'"):
            await secrets.reveal("other", origin=PLACE["origin"])
        with pytest.raises(AgentUnusable, match="no credential"):
            await StoredSecrets(credentials, sealer, project_id="yours").reveal("lab", origin=PLACE["origin"])
