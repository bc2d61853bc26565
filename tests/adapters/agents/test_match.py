"""The agent `match`: one recorded answer with another beside it."""

import json

import pytest

from adapters.agents.match import MatchAgent, MatchSettings
from core.errors import AgentRefused
from core.ports import AgentContext
from core.preferences import OPPONENT
from tests.adapters.agents.asking import StoredSecrets, question

ANSWERS = {"small": ["one", None, ""], "large": ["two", "three", "four"], "late": []}


def match(first: str, second: str) -> MatchAgent:
    return MatchAgent(MatchSettings(first=first, second=second), AgentContext(http=None, secrets=StoredSecrets({})))


async def test_it_gives_the_first_ones_answer_with_the_seconds_beside_it() -> None:
    for trial, (first, second) in {0: ("one", "two"), 2: ("", "four")}.items():
        reply = await match("small", "large").ask(question(json.dumps(ANSWERS), trial=trial))
        assert (reply.text, reply.metadata) == (first, {OPPONENT: second})


@pytest.mark.parametrize(
    ("text", "trial", "said"),
    [
        (json.dumps(ANSWERS), 1, "'small' has no answer to case 'c1' in trial 1"),
        (json.dumps(ANSWERS), 3, "'small' has no answer to case 'c1' in trial 3"),
        (json.dumps({"large": ["two"]}), 0, "'small' has no answer"),
        ("What is the capital of France?", 0, "no JSON object with a list of answers"),
        ('{"small": "one"}', 0, "no JSON object with a list of answers"),
    ],
)
async def test_a_pair_of_which_one_is_missing_is_refused(text: str, trial: int, said: str) -> None:
    with pytest.raises(AgentRefused, match=said):
        await match("small", "large").ask(question(text, trial=trial))
