"""Keys as a process knows them, and the text that a key is."""

import asyncio

import httpx2

from adapters.database.api_keys import ApiKeyRepository, KnownKey
from adapters.database.engine import open_engine, sessions
from api.key_ring import KeyRing
from api.key_text import id_in, new_key
from core.ids import new_id
from core.settings import Settings
from tests.api.keys import made


async def test_a_crowd_with_one_key_asks_the_database_once(api: httpx2.AsyncClient, settings: Settings) -> None:
    key = await made(api)
    async with open_engine(settings.database_url) as engine:
        counted = Counted(sessions(engine))
        ring = KeyRing(counted)
        found = await asyncio.gather(*(ring.find(key["api_key_id"]) for _ in range(500)))
        assert {each.name for each in found if each} == {"dashboard"}
        assert counted.looks == 1
        ring.forget(key["api_key_id"])
        await ring.find(key["api_key_id"])
        assert counted.looks == 2


class Counted(ApiKeyRepository):
    """Counts how often it is asked for a key."""

    looks = 0

    async def known(self, api_key_id: str) -> KnownKey | None:
        self.looks += 1
        return await super().known(api_key_id)


def test_a_key_bears_its_id_and_a_checksum() -> None:
    api_key_id = new_id("apikey")
    key = new_key(api_key_id)
    assert id_in(key) == api_key_id
    assert new_key(api_key_id) != key
    other = "0" if key[60] != "0" else "1"
    for wrong in (key[:-1], key + "0", key[:60] + other + key[61:], key.upper(), key.removeprefix("abk_"), ""):
        assert id_in(wrong) is None
