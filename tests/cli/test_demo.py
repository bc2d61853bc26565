"""The demo's definition is one the service accepts, asked of the model wherever it is served."""

from cli.demo import definition
from core.benchmarks import BenchmarkDefinition
from core.plugins import settings_of

URL = "http://127.0.0.1:12345/v1"


def test_the_definition_is_valid_down_to_the_settings_of_its_plugins() -> None:
    benchmark = BenchmarkDefinition.model_validate(definition(URL))
    settings_of("datasets", benchmark.dataset.source)
    for agent in benchmark.agents:
        settings_of("agents", agent.agent)
    for evaluation in benchmark.evaluators:
        settings_of("evaluators", evaluation)


def test_three_agents_of_two_kinds_answer_four_tasks_or_more() -> None:
    benchmark = BenchmarkDefinition.model_validate(definition(URL))
    assert [(agent.agent.kind, agent.agent.settings.get("base_url")) for agent in benchmark.agents] == [
        ("openai", URL),
        ("openai", URL),
        ("callable", None),
    ]
    tasks = benchmark.dataset.source.settings["tasks"]
    assert isinstance(tasks, list)
    assert len(tasks) >= 4
