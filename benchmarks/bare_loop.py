"""The baseline: the `openai` client in one process, asking the same questions at the same concurrency.

As a program: `python -m benchmarks.bare_loop URL --questions 2000 --concurrency 100` prints questions per second.
"""

import argparse
import asyncio
import sys
import time

import uvloop
from openai import AsyncOpenAI


async def questions_per_second(url: str, *, questions: int, concurrency: int) -> float:
    client = AsyncOpenAI(base_url=url, api_key="none", max_retries=0)
    numbers = iter(range(questions))

    async def ask_on() -> None:
        for number in numbers:
            await client.chat.completions.create(
                model="sums", messages=[{"role": "user", "content": f"{number} + {number}"}]
            )

    began = time.perf_counter()
    async with asyncio.TaskGroup() as group:
        for _ in range(concurrency):
            group.create_task(ask_on())
    return questions / (time.perf_counter() - began)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("url")
    parser.add_argument("--questions", type=int, default=2000)
    parser.add_argument("--concurrency", type=int, default=100)
    options = parser.parse_args()
    speed = uvloop.run(questions_per_second(options.url, questions=options.questions, concurrency=options.concurrency))
    sys.stdout.write(f"{speed:.1f}\n")
