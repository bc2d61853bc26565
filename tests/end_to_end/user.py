"""A user of the service: submits over REST, waits, reads the figures."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any, cast

import httpx2

ENDED = ("completed", "failed", "cancelled")


class User:
    def __init__(self, http: httpx2.AsyncClient) -> None:
        self.http = http

    async def submit(self, body: dict[str, Any], **headers: str) -> str:
        """The id of the accepted run."""
        answer = await self.http.post("/v1/runs", json=body, headers=headers)
        assert answer.status_code == 202, answer.text
        return answer.json()["run_id"]

    async def look(self, path: str, **query: Any) -> dict[str, Any]:
        answer = await self.http.get(path, params=query)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def run(self, run_id: str) -> dict[str, Any]:
        return await self.look(f"/v1/runs/{run_id}")

    async def until(self, run_id: str, *statuses: str, within_s: float) -> dict[str, Any]:
        """The run once it has one of these statuses; fails, telling where it stands, when it takes longer."""
        run: dict[str, Any] = {}
        try:
            async with asyncio.timeout(within_s):
                while True:
                    run = await self.run(run_id)
                    if run["status"] in statuses:
                        return run
                    await asyncio.sleep(0.1)
        except TimeoutError:
            told = {name: run.get(name) for name in ("status", "error", "counts")}
            raise AssertionError(f"not {' or '.join(statuses)} within {within_s:g} s: {told}") from None

    async def ended(self, run_id: str, *, within_s: float = 60) -> dict[str, Any]:
        return await self.until(run_id, *ENDED, within_s=within_s)

    async def results(self, run_id: str) -> dict[str, Any]:
        """The figures of the run's only agent."""
        [agent] = (await self.look(f"/v1/runs/{run_id}/results"))["agents"]
        return cast("dict[str, Any]", agent)


@asynccontextmanager
async def visiting(url: str) -> AsyncGenerator[User]:
    async with httpx2.AsyncClient(base_url=url, timeout=30, trust_env=False) as http:
        yield User(http)
