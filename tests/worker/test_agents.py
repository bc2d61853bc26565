"""Open agents: shared while they are asked, opened anew when nobody asked them for a while."""

from core.benchmarks import AgentSpec
from core.errors import AgentUnusable
from core.plugins import PluginSpec
from core.ports import AgentContext
from worker.agents import AgentPool

SPEC = AgentSpec(name="agent", agent=PluginSpec(kind="simulated"))


class NoSecrets:
    """`core.ports.Secrets` with nothing in it."""

    async def reveal(self, name: str, *, origin: str) -> str:
        raise AgentUnusable(f"There is no credential {name!r}.")


def counting(opened: list[str], *, fresh_s: float) -> AgentPool:
    """A pool that notes the name of every agent it opens."""

    def context(spec: AgentSpec) -> AgentContext:
        opened.append(spec.name)
        return AgentContext(http=None, secrets=NoSecrets())

    return AgentPool(context, fresh_s=fresh_s)


async def test_batches_that_follow_each_other_share_an_agent() -> None:
    opened: list[str] = []
    pool = counting(opened, fresh_s=60)
    async with pool.lease(SPEC) as first, pool.lease(SPEC) as second:
        assert first is second
    async with pool.lease(SPEC) as third:
        assert third is first
    assert opened == ["agent"]


async def test_an_agent_that_rested_is_opened_anew_and_so_meets_mended_credentials() -> None:
    opened: list[str] = []
    pool = counting(opened, fresh_s=-1)
    async with pool.lease(SPEC) as first, pool.lease(SPEC) as second:
        assert second is first
    async with pool.lease(SPEC) as third:
        assert third is not first
    assert opened == ["agent", "agent"]
