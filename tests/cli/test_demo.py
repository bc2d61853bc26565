"""The demo's definition is one the service accepts, and the demo shows what came of it."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from cli.demo import definition
from cli.embedded.errors import NotInstalled
from cli.embedded.model import weights
from core.benchmarks import BenchmarkDefinition
from core.plugins import settings_of
from tests.cli.alive import naming, still_running

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


def test_it_benchmarks_a_real_model_prints_the_figures_and_leaves_nothing_running(tmp_path: Path) -> None:
    try:
        weights()
    except NotInstalled as error:
        pytest.skip(str(error))
    picture = tmp_path / "demo.svg"
    places = ("--data", str(tmp_path / "data"), "--picture", str(picture))
    command = (sys.executable, "-m", "cli.demo", "--limit", "5", *places)
    done = subprocess.run(command, capture_output=True, text=True, timeout=110, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "completed, 100%; 15 of 15 answered, 15 evaluated" in done.stdout
    for agent in ("smollm2 zero-shot", "smollm2 three-shot", "rules in Python"):
        assert re.search(rf"{agent} +│ all +│ +[\d.]+% │ +[\d.]+% to [\d.]+% │ +5 │", done.stdout)
    here = r" +http://127\.0\.0\.1:\d+"
    assert re.search(rf"browser too:\n{here}/ui/runs/run_\w+\n{here}/namespaces/default/workflows/run_", done.stdout)
    told_at_the_end = done.stdout.partition("judged by")[2]
    assert "`make demo KEEP=1` leaves everything up" in told_at_the_end
    assert "http://" not in told_at_the_end, "what these would lead to is about to stop"
    drawn = picture.read_text()
    assert "judged&#160;by&#160;&#x27;reasoning_gym&#x27;" in drawn
    assert "url(http" not in drawn
    assert still_running(naming(str(tmp_path / "data"))) == set()
