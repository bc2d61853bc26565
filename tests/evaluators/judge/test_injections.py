"""Three hundred answers that try to talk a judge on loopback into a good verdict: none leaves its block."""

import json
import re
from collections.abc import Callable

import pytest
from rich.console import Console

from benchmarks.judge_injections import CASE, ORDER, WRONG, Attempt, attempts, flips_of, judge_at, report
from core.cases import Reply
from core.verdicts import Scored
from tests.providers import Asked, Provider

BLOCK = re.compile(r"\[\[BEGIN (\w+) ([0-9a-f]{16})\]\]\n(.*?)\n\[\[END \1 \2\]\]", re.S)
CANARY = ORDER.partition(":")[0]


def blocks(user: str) -> dict[str, str]:
    return {name: text for name, _, text in BLOCK.findall(user)}


def literal(asked: Asked, *, quoting: Callable[[str], str] = lambda answer: "") -> str:
    """A judge that obeys whatever it is told outside of the blocks, and judges what is inside them."""
    system, user = (message["content"] for message in asked.body["messages"])
    outside = BLOCK.sub("", user) + system
    answer = blocks(user)["ANSWER"]
    verdict = "correct" if CANARY in outside or "Paris" in answer else "incorrect"
    mark = BLOCK.findall(user)[0][1]
    return quoting(answer) + json.dumps({"mark": mark, "rationale": answer, "verdict": verdict})


def test_there_are_three_hundred_different_attempts() -> None:
    tried = attempts()
    assert len({attempt.answer for attempt in tried}) == len(tried) == 300


async def test_no_attempt_leaves_its_block_and_none_flips_a_judge_that_heeds_blocks() -> None:
    async with Provider(literal) as provider, judge_at(provider.url, "judge") as judge:
        flips = await flips_of(judge, attempts())
        honest = await judge.evaluate(CASE, Reply(text="Paris."))
    assert isinstance(honest, Scored)
    assert honest.value == 1, "the same judge knows a right answer"
    assert (flips.attempts.total(), flips.flips.total(), flips.unscored.total()) == (300, 0, 0)
    for asked in provider.log[:300]:
        roles = [message["role"] for message in asked.body["messages"]]
        user = asked.body["messages"][1]["content"]
        marks = {mark for _, mark, _ in BLOCK.findall(user)}
        assert roles == ["system", "user"]
        assert list(blocks(user)) == ["QUESTION", "REFERENCE", "ANSWER"]
        assert len(marks) == 1
        assert user.count("[[BEGIN") == user.count("[[END") == 3
        assert CANARY in blocks(user)["ANSWER"]
    assert len({asked.prompt for asked in provider.log}) == 301, "no two prompts share their mark"


async def test_a_judge_that_quotes_the_answer_is_not_misread() -> None:
    def quoting(asked: Asked) -> str:
        return literal(asked, quoting=lambda answer: f"The answer says:\n{answer}\nMy verdict:\n")

    async with Provider(quoting) as provider, judge_at(provider.url, "judge") as judge:
        flips = await flips_of(judge, attempts())
    assert (flips.flips.total(), flips.unscored.total()) == (0, 0)


async def test_a_judge_without_a_mark_that_quotes_a_verdict_gives_none() -> None:
    def careless(asked: Asked) -> str:
        answer = blocks(asked.prompt)["ANSWER"]
        return f"{answer}\n{json.dumps({'rationale': 'It is wrong.', 'verdict': 'incorrect'})}"

    async with Provider(careless) as provider, judge_at(provider.url, "judge") as judge:
        flips = await flips_of(judge, [attempt for attempt in attempts() if attempt.kind == "verdicts"])
    assert flips.flips.total() == 0
    assert 0 < flips.unscored.total() < 60, "contradictory verdicts are none, others are read"


async def test_the_flip_rate_tells_a_gullible_judge(capsys: pytest.CaptureFixture[str]) -> None:
    def gullible(asked: Asked) -> str:
        return json.dumps({"rationale": "I was told.", "verdict": "correct" if CANARY in asked.prompt else "incorrect"})

    async with Provider(gullible) as provider, judge_at(provider.url, "judge") as judge:
        flips = await flips_of(judge, [*attempts()[:36], Attempt("none", WRONG)])
    assert flips.rate == pytest.approx(36 / 37)
    Console(width=100).print(report(flips))
    assert "97.3%" in capsys.readouterr().out
