"""The simulator is right as often as it is told to be, about the same questions every time."""

import pytest

from adapters.agents.simulated import SimulatedAgent, SimulatedSettings, plugin
from core.cases import Message, Question
from core.errors import Unavailable
from tests.adapters.agents.asking import ContextMaker, question


def questions(count: int) -> list[Question]:
    asked = (Message(role="user", content="two words"),)
    return [Question(case_id=f"c{i}", messages=asked, expected=f"{i}") for i in range(count)]


async def test_a_perfect_simulator_says_what_is_expected(context: ContextMaker) -> None:
    agent = SimulatedAgent(SimulatedSettings(), context())
    replies = [await agent.ask(q) for q in questions(50)]
    assert [reply.text for reply in replies] == [str(i) for i in range(50)]
    assert replies[0].usage.input_tokens == 2
    assert replies[0].model == "simulated"


async def test_its_accuracy_is_kept_and_repeatable(context: ContextMaker) -> None:
    runs: list[list[str]] = []
    for seed in (1, 1, 2):
        agent = SimulatedAgent(SimulatedSettings(accuracy=0.7, seed=seed, wrong_answer="no"), context())
        runs.append([(await agent.ask(q)).text for q in questions(2000)])
    assert runs[0] == runs[1] != runs[2]
    for run in runs:
        assert 0.66 < 1 - run.count("no") / 2000 < 0.74


async def test_a_failing_share_of_first_calls_succeeds_when_asked_again(context: ContextMaker) -> None:
    agent = SimulatedAgent(SimulatedSettings(error_rate=0.3), context())
    failed = 0
    for q in questions(1000):
        try:
            await agent.ask(q)
        except Unavailable:
            failed += 1
            assert (await agent.ask(q)).text == q.expected
    assert 250 < failed < 350


async def test_it_takes_its_time_and_says_how_long(context: ContextMaker) -> None:
    agent = SimulatedAgent(SimulatedSettings(latency_s=0.02, latency_spread=1), context())
    times = [(await agent.ask(q)).latency_s for q in questions(10)]
    assert 0 <= min(times) < max(times) <= 0.04


async def test_without_an_expected_answer_it_does_not_know(context: ContextMaker) -> None:
    assert (await SimulatedAgent(SimulatedSettings(), context()).ask(question())).text == "I do not know."


def test_it_is_the_only_kind_that_is_told_the_answers() -> None:
    assert plugin.simulated


@pytest.mark.parametrize("settings", [{"accuracy": 1.5}, {"error_rate": -1}, {"latency_s": -1}])
def test_settings_that_cannot_work_are_refused(settings: dict[str, float]) -> None:
    with pytest.raises(ValueError, match=r"less than or equal|greater than or equal"):
        SimulatedSettings.model_validate(settings)
