"""The loopback provider as a program of its own, as throughput and end-to-end tests run it."""

import asyncio
import json
import sys
from pathlib import Path

from yarl import URL

from adapters.network.guard import NetworkGuard
from adapters.network.transport import HttpPool


async def test_it_prints_its_url_and_replays_answers(tmp_path: Path) -> None:
    answers = tmp_path / "answers.jsonl"
    answers.write_text(json.dumps({"prompt": "6*7?", "answer": "42"}) + "\n")
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.providers", "--answers", str(answers),
        stdout=asyncio.subprocess.PIPE, cwd=Path(__file__).parents[1],
    )  # fmt: skip
    try:
        assert process.stdout is not None
        url = (await process.stdout.readline()).decode().strip()
        async with HttpPool(NetworkGuard(["loopback"])) as pool:
            said: list[str] = []
            for prompt in ("6*7?", "who?"):
                body = json.dumps({"model": "m", "messages": [{"role": "user", "content": prompt}]}).encode()
                response = await pool.send("POST", URL(f"{url}/chat/completions"), headers={}, body=body, timeout_s=10)
                said.append(json.loads(response.body)["choices"][0]["message"]["content"])
        assert said == ["42", "I do not know."]
    finally:
        process.terminate()
        await process.communicate()
