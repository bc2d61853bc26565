"""The loop that keeps watch: trouble never ends it, and being told to stop always does."""

import asyncio

from adapters.database.engine import open_engine
from adapters.database.leader import Leadership
from workflows.watch.watch import keep_watch


async def test_trouble_is_lived_through_and_a_stop_that_ends_in_trouble_is_a_stop(migrated_database_url: str) -> None:
    looks: list[str] = []
    looking = asyncio.Event()

    async def broken() -> None:
        looks.append("broken")
        raise ValueError("such is life")

    async def leaves_badly() -> None:
        looks.append("slow")
        if len(looks) < 4:
            return
        looking.set()
        try:
            await asyncio.sleep(60)
        finally:
            # As a connection does that breaks while it is given back: the cancellation is lost behind it.
            raise OSError("gone meanwhile")

    async with open_engine(migrated_database_url) as engine:
        watching = asyncio.create_task(keep_watch(Leadership(engine), [broken, leaves_badly], interval_s=0.01))
        async with asyncio.timeout(20):
            await looking.wait()
            watching.cancel()
            await asyncio.wait({watching})
    assert watching.cancelled()
    assert looks == ["broken", "slow"] * 2
