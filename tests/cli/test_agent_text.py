"""An agent as it is typed becomes the agent it means, or a sentence about what is wrong."""

from pathlib import Path

import pytest

from cli.agent_text import agent_of
from cli.exits import CommandError
from core.benchmarks import AgentSpec
from core.plugins import PluginSpec


def typed(text: str) -> AgentSpec:
    agent = agent_of(text)
    assert isinstance(agent, AgentSpec)
    return agent


def test_kind_and_model_are_enough() -> None:
    agent = typed("openai:gpt-5-mini")
    assert (agent.name, agent.agent.kind, agent.agent.settings) == ("gpt-5-mini", "openai", {"model": "gpt-5-mini"})


def test_settings_follow_and_numbers_are_numbers() -> None:
    agent = typed("openai:m,base_url=http://127.0.0.1:8000/v1,temperature=0,concurrency=4,name=mine")
    assert (agent.name, agent.concurrency) == ("mine", 4)
    assert agent.agent.settings == {"model": "m", "base_url": "http://127.0.0.1:8000/v1", "temperature": 0}


def test_an_agent_without_a_model_is_named_by_its_kind() -> None:
    assert typed("http:url=http://127.0.0.1:9000/ask").name == "http"
    assert (typed("simulated:").name, typed("simulated:").agent.settings) == ("simulated", {})


def test_a_model_with_unusual_characters_gets_a_name_that_is_allowed() -> None:
    assert typed("openai:modèle(1)").name == "mod-le-1-"


def test_a_word_alone_is_a_stored_agent() -> None:
    assert agent_of("my-agent") == "my-agent"


def test_a_file_holds_everything(tmp_path: Path) -> None:
    file = tmp_path / "agent.yaml"
    file.write_text("name: careful\nconcurrency: 2\nagent: {kind: openai, model: m, temperature: 0}\n")
    expected = AgentSpec(
        name="careful",
        concurrency=2,
        agent=PluginSpec.model_validate({"kind": "openai", "model": "m", "temperature": 0}),
    )
    assert agent_of(str(file)) == expected


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("opena:x", "There is no kind 'opena'"),
        ("openai:m,temprature=0", "'temprature'"),
        ("openai:m,temperature=hot", "'temperature'"),
        ("openai:m,4", "must be written as setting=value"),
        ("openai:m,concurrency=0", "concurrency"),
        ("nowhere.yaml", "cannot be read"),
    ],
)
def test_what_cannot_work_is_told(text: str, complaint: str) -> None:
    with pytest.raises(CommandError, match=complaint):
        agent_of(text)


def test_a_model_for_a_kind_that_has_none_is_told_what_to_write() -> None:
    with pytest.raises(CommandError) as refused:
        agent_of("simulated:gpt-5-mini")
    assert "Agents of kind 'simulated' have no model" in str(refused.value)
    assert "write simulated:setting=value" in str(refused.value)
    assert "accuracy" in str(refused.value)
