"""Whether the parts answer is found out once for everybody who asks at the same time."""

import asyncio

from api.readiness import Examination


class Asked:
    """A part that takes its time, and counts."""

    def __init__(self) -> None:
        self.times = 0
        self.may_answer = asyncio.Event()

    async def check(self) -> None:
        self.times += 1
        await self.may_answer.wait()


async def test_a_crowd_of_probes_is_one_examination() -> None:
    part = Asked()
    examination = Examination({"storage": part.check})
    crowd = [asyncio.create_task(examination.parts()) for _ in range(100)]
    await asyncio.sleep(0)
    crowd[0].cancel()
    await asyncio.sleep(0)
    part.may_answer.set()
    told = await asyncio.gather(*crowd[1:])
    assert {each["storage"].ok for each in told} == {True}, "who leaves takes nobody's answer along"
    await examination.parts()
    assert part.times == 1, "and it holds for a while"
