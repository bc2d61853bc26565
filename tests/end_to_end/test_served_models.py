"""A provider that begins to serve another, worse model under the same name: the schedule's next run tells it."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from tests.end_to_end.user import User
from tests.providers import Asked, Provider
from tests.shapes import Says

CASES = 120
GOOD, WORSE = "lab-1-2026-03", "lab-1-2026-11"


class Serving:
    """Answers sums; right but for every n-th of them, and other ones each time that all were asked."""

    def __init__(self) -> None:
        self.model, self.wrong = GOOD, 12
        self._asked = 0

    def __call__(self, asked: Asked) -> Says:
        number = int(asked.prompt.split()[0])
        self._asked += 1
        wrong = (number + self._asked // CASES) % self.wrong == 0
        return Says(str(2 * number + wrong), model=self.model)


@pytest.fixture
async def schedule(user: User) -> AsyncIterator[tuple[str, Serving]]:
    serving = Serving()
    async with Provider(serving) as provider:
        rows = [{"input": f"{number} + {number}", "expected": str(2 * number)} for number in range(CASES)]
        run = {
            "name": "served sums",
            "dataset": {"source": {"kind": "inline", "rows": rows}},
            "agents": [{"name": "lab", "agent": {"kind": "openai", "model": "lab-1", "base_url": provider.url}}],
            "evaluators": [{"kind": "exact"}],
        }
        body = {"name": "hourly sums", "run": run, "when": {"intervals": [{"every_s": 86400}]}}
        made = await user.http.post("/v1/schedules", json=body | {"baseline": {"kind": "last_good"}})
        assert made.status_code == 201, made.text
        yield made.json()["schedule_id"], serving
        await user.http.delete(f"/v1/schedules/{made.json()['schedule_id']}")


async def check_after_a_run(user: User, schedule_id: str, number: int) -> dict[str, Any]:
    """What the n-th run of the schedule was found to be, by whoever watches."""
    answer = await user.http.post(f"/v1/schedules/{schedule_id}/trigger", json={})
    assert answer.status_code == 202, answer.text
    async with asyncio.timeout(60):
        while True:
            checks = (await user.look("/v1/baseline-checks", watch=schedule_id))["items"]
            if len(checks) == number:
                return checks[0]
            await asyncio.sleep(0.2)


@pytest.mark.timeout(120)
async def test_a_worse_model_is_told_with_its_name_and_a_null_change_is_not(
    user: User, schedule: tuple[str, Serving]
) -> None:
    schedule_id, serving = schedule
    first, same = [await check_after_a_run(user, schedule_id, number) for number in (1, 2)]
    assert (first["outcome"], same["outcome"]) == ("first", "no_regression")
    serving.model, serving.wrong = WORSE, 4
    worse = await check_after_a_run(user, schedule_id, 3)
    assert (worse["outcome"], worse["baseline_run_id"]) == ("regression", same["run_id"])
    events = (await user.look("/v1/events", type="regression.found"))["items"]
    [told] = [each["data"] for each in events if each["subject"] == worse["run_id"]]
    [agent] = told["agents"]
    assert agent["low"] <= agent["effect"] <= agent["high"] < 0
    assert agent["effect"] == pytest.approx(1 / 12 - 1 / 4, abs=0.02)
    [differed] = told["differed"]
    assert (differed["part"], differed["field"]) == ("model served", "agents.lab.served")
    assert (GOOD in differed["baseline"], WORSE in differed["candidate"]) == (True, True)
