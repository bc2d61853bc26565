"""Which key an agent goes by: the same for the same secret, never telling it, and apart by model where limits are."""

import asyncio

from activities.admission import Limiter
from adapters.agents.key_names import KeyNames
from adapters.agents.provider import Provider
from core.benchmarks import AgentSpec
from core.errors import AgentUnusable
from core.limits import Asker, Told
from core.plugins import PluginSpec
from core.ports import Agent
from tests.activities.limited import MemoryLimits
from tests.fakes import CalculatingAgent, Lending
from tests.virtual_time import run_in_virtual_time
from worker.provider_keys import AgentKeys, ToldLimits

ORIGIN = "https://models.example.com:443"


class Provided(CalculatingAgent):
    """An agent that tells its provider."""

    def __init__(self, provider: Provider | AgentUnusable) -> None:
        super().__init__()
        self._provider = provider

    async def provider(self) -> Provider:
        if isinstance(self._provider, AgentUnusable):
            raise self._provider
        return self._provider


def spec(name: str) -> AgentSpec:
    return AgentSpec(name=name, agent=PluginSpec.model_validate({"kind": "openai", "model": name}))


async def salt() -> str:
    return "salt"


def keys(*origins_as_one: str, **agents: Agent) -> AgentKeys:
    return AgentKeys(Lending(agents), KeyNames(salt, origins_as_one=origins_as_one))


async def test_the_same_secret_under_two_names_is_one_key_and_is_not_told() -> None:
    one = Provided(Provider(ORIGIN, credential="mine", secret="very secret", model="large"))
    two = Provided(Provider(ORIGIN, credential="yours", secret="very secret", model="large"))
    other = Provided(Provider(ORIGIN, credential="mine", secret="another secret", model="large"))
    found = keys(one=one, two=two, other=other)
    first, second, third = [await found.key_of(spec(name)) for name in ("one", "two", "other")]
    assert first is not None
    assert second is not None
    assert third is not None
    assert first.key_id == second.key_id != third.key_id
    assert "secret" not in first.model_dump_json()
    assert "secret" not in repr(Provider(ORIGIN, secret="very secret"))


async def test_models_are_apart_unless_the_operator_says_that_they_are_not() -> None:
    large = Provided(Provider(ORIGIN, secret="s", model="large"))
    small = Provided(Provider(ORIGIN, secret="s", model="small"))
    apart, together = keys(large=large, small=small), keys("https://models.example.com", large=large, small=small)
    assert await apart.key_of(spec("large")) != await apart.key_of(spec("small"))
    assert await together.key_of(spec("large")) == await together.key_of(spec("small"))


async def test_agents_without_a_provider_or_a_usable_credential_have_no_key() -> None:
    found = keys(local=CalculatingAgent(), lost=Provided(AgentUnusable("There is no credential.")))
    assert await found.key_of(spec("local")) is None
    assert await found.key_of(spec("lost")) is None


def test_what_headers_tell_reaches_all_processes() -> None:
    async def work() -> MemoryLimits:
        found, limits, told = keys(one=Provided(Provider(ORIGIN, secret="s", model="m"))), MemoryLimits(), ToldLimits()
        limiter = Limiter(found, limits, owner="p1", patience_s=60, longest_wait_s=900)
        told.lead_to(found, limiter)
        asker = Asker(run_id="a", project_id="default")
        async with limiter.joined(spec("one"), asker, asyncio.Event()):
            told.hear(spec("one"), Told(600, None, None))
            told.hear(spec("unknown"), Told(1, None, None))
            await asyncio.sleep(1)
        await limiter.aclose()
        return limits

    state = run_in_virtual_time(work()).state
    assert state.told.requests_per_minute == 600
