"""People who submit runs, wait for them and have failures asked again, whatever answers they get meanwhile."""

import asyncio
import secrets
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

import httpx2

from tests.chaos.shapes import Shape

AGAIN_S = 0.5
ENDED = ("completed", "failed", "cancelled")
STUCK_S = 360.0
"""A run without any progress for so long is stuck."""
MOST_ROUNDS = 12


class Stuck(Exception):
    """A run did not get on, or the API never answered."""


@dataclass
class Person:
    """Patient: an answer that is lost, or says that something is away, is asked for again with the same key."""

    http: httpx2.AsyncClient
    odd: Counter[str] = field(default_factory=Counter[str])
    """Answers that should not have been given, and how often they were."""
    unavailable: int = 0
    """How often the API said that something is away, or did not answer."""

    async def insist(self, method: str, path: str, body: Any = None, *, accepts: tuple[int, ...] = (200, 202)) -> Any:
        """Raises Stuck."""
        headers = {"Idempotency-Key": secrets.token_hex(16)} if method == "POST" else {}
        try:
            async with asyncio.timeout(STUCK_S):
                while True:
                    answer = await self._answer(method, path, body, headers)
                    if answer is not None and answer.status_code in accepts:
                        return answer.json()
                    await asyncio.sleep(AGAIN_S)
        except TimeoutError as error:
            raise Stuck(f"{method} {path} got no good answer within {STUCK_S:g} s.") from error

    async def _answer(self, method: str, path: str, body: Any, headers: dict[str, str]) -> httpx2.Response | None:
        try:
            answer = await self.http.request(method, path, json=body, headers=headers)
        except httpx2.TransportError:
            self.unavailable += 1
            return None
        if answer.status_code == 503:
            self.unavailable += 1
        elif answer.status_code >= 500:
            problem = answer.json()
            self.odd[f"{method} {path.partition('run_')[0]}: {answer.status_code}, {problem['detail']}"] += 1
        elif answer.status_code in (400, 404, 422):
            raise Stuck(f"{method} {path} was answered {answer.status_code}: {answer.text[:300]}")
        return answer

    async def submit(self, shape: Shape, name: str, url: str) -> str:
        return (await self.insist("POST", "/v1/runs", shape.body(name, url)))["run_id"]

    async def ended(self, run_id: str) -> dict[str, Any]:
        """The run once it has ended. One that has paused itself is resumed. Raises Stuck."""
        loop = asyncio.get_running_loop()
        before: tuple[Any, ...] = ()
        moved = loop.time()
        while True:
            run = await self.insist("GET", f"/v1/runs/{run_id}")
            if run["status"] in ENDED:
                return run
            now = (run["status"], run["round"], *run["counts"].values())
            if now != before:
                before, moved = now, loop.time()
            if loop.time() - moved > STUCK_S:
                raise Stuck(f"{run_id} ({run['name']}) has not moved for {STUCK_S:g} s: {now}, {run['error']}")
            if run["status"] == "paused":
                self.odd[f"a run paused: {run['error']}"] += 1
                await self.insist("POST", f"/v1/runs/{run_id}/resume", accepts=(202, 409))
            await asyncio.sleep(AGAIN_S)

    async def seen_through(self, run_id: str) -> tuple[dict[str, Any], int]:
        """The run once nothing of it can be asked again, and in how many rounds. Raises Stuck."""
        run: dict[str, Any] = {}
        for round_ in range(1, MOST_ROUNDS + 1):
            run = await self.ended(run_id)
            lost_for_good = run["counts"]["failed"] if run["config"]["delivery"] == "at_most_once" else 0
            unscored = run["counts"]["answered"] - run["counts"]["evaluated"]
            if run["status"] == "completed" and not unscored and await self._nothing_failed(run, lost_for_good):
                return run, round_
            await self.insist("POST", f"/v1/runs/{run_id}/retry", accepts=(202, 409))
        raise Stuck(f"{run_id} is not complete after {MOST_ROUNDS} rounds: {run['status']}, {run['counts']}")

    async def _nothing_failed(self, run: dict[str, Any], lost_for_good: int) -> bool:
        counts = run["counts"]
        if not lost_for_good:
            return counts["answered"] == counts["total"]
        agents = (await self.insist("GET", f"/v1/runs/{run['run_id']}/results"))["agents"]
        causes = {cause for agent in agents if agent["metrics"] for cause in agent["metrics"]["errors"]}
        return causes <= {"unknown"} and counts["answered"] + counts["failed"] == counts["total"]
