"""promptfoo's configurations: prompts, providers and tests become benchmarks; nothing is dropped without a remark.

Tests that are asserted alike become one benchmark, for evaluators belong to a benchmark and not to a case; their values
stand in the data, case by case.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final, cast

from adapters.imports.names import name_of, named
from adapters.imports.promptfoo_assertions import Judging, judging_of
from adapters.imports.promptfoo_prompts import PromptText, prompts_of
from adapters.imports.promptfoo_providers import agents_of
from adapters.imports.promptfoo_tests import FooTest, tests_of
from adapters.imports.remarks import Remarks
from adapters.imports.settings import NoSettings
from adapters.imports.texts import yaml_in
from core.errors import InvalidInput
from core.imports import Columns, Imported, ImportedBenchmark
from core.plugins import Plugin

CARRIED: Final = frozenset({"description", "prompts", "providers", "targets", "tests", "defaultTest", "$schema"})
ENDINGS: Final = frozenset({".yaml", ".yml", ".json"})
MOST_AGENTS: Final = 50
"""As many as a benchmark may have."""


class PromptfooImporter:
    def __init__(self, settings: NoSettings) -> None:
        pass

    def recognises(self, path: Path) -> bool:
        if path.suffix.lower() not in ENDINGS or not path.is_file():
            return False
        try:
            found = yaml_in(path)
        except InvalidInput:
            return False
        return isinstance(found, dict) and "prompts" in found and ("tests" in found or "providers" in found)

    def read(self, path: Path, name: str | None, columns: Columns) -> Imported:
        config = _config(path)
        remarks = Remarks()
        for key in config:
            if key not in CARRIED:
                remarks.add(f"`{key}` has no counterpart here and was left out.")
        prompts = prompts_of(config.get("prompts"), path.parent, remarks)
        agents = agents_of(config.get("providers") or config.get("targets"), remarks)
        tests = tests_of(config, path.parent, remarks)
        groups: dict[str, list[tuple[FooTest, Judging]]] = {}
        for test in tests:
            judging = judging_of(test.assertions, f"Test {test.number}", remarks)
            if judging is not None:
                groups.setdefault(judging.shape, []).append((test, judging))
        if not groups:
            raise InvalidInput(
                f"{path} has no test with an assertion that can be carried over. " + " ".join(remarks.said)
            )
        if len(groups) > 1:
            remarks.add(
                f"Tests are asserted in {len(groups)} ways, and evaluators belong to a benchmark: so there are "
                f"{len(groups)} benchmarks."
            )
        if len(agents) * len(prompts) > MOST_AGENTS:
            raise InvalidInput(
                f"{len(agents)} providers times {len(prompts)} prompts are {len(agents) * len(prompts):,} agents here, "
                f"and a benchmark has at most {MOST_AGENTS}: leave some out of {path}."
            )
        variables = _variables(tests, prompts, remarks)
        called = named(name, name_of(path))
        said = str(config.get("description") or "")
        benchmarks = [
            _benchmark(_numbered(called, number), said, prompts, agents, group, variables)
            for number, group in enumerate(groups.values(), 1)
        ]
        return Imported(tuple(benchmarks), tuple(remarks.said))


def _config(path: Path) -> dict[str, Any]:
    found = yaml_in(path)
    if not isinstance(found, dict):
        raise InvalidInput(f"{path} is no configuration of promptfoo: it is no object.")
    return cast("dict[str, Any]", found)


def _variables(tests: Sequence[FooTest], prompts: Sequence[PromptText], remarks: Remarks) -> list[str]:
    """Of all tests; and those that prompts show and nobody has, which promptfoo shows as nothing."""
    given = dict.fromkeys(name for test in tests for name in test.variables)
    lacking = dict.fromkeys(name for prompt in prompts for name in prompt.shown if name not in given)
    for name in lacking:
        remarks.add(f"No test has the variable {name!r}: it is shown as nothing.")
    return [*given, *lacking]


def _numbered(name: str, number: int) -> str:
    return name if number == 1 else f"{name}-{number}"


def _benchmark(
    name: str,
    description: str,
    prompts: Sequence[PromptText],
    agents: Sequence[Mapping[str, Any]],
    group: Sequence[tuple[FooTest, Judging]],
    variables: Sequence[str],
) -> ImportedBenchmark:
    rows = [_row(test, judging, variables) for test, judging in group]
    kept = [*(f"var_{each}" for each in variables), *group[0][1].values]
    fields: dict[str, Any] = {"id": "id", "input": "input", "expected": "expected", "metadata": kept}
    for row in rows:
        row["input"] = (
            " / ".join(str(shown) for each in variables if (shown := row[f"var_{each}"]) != "") or prompts[0].text
        )
    definition: dict[str, Any] = {"name": name, "dataset": {"fields": fields}}
    if description:
        definition["description"] = description
    if len(prompts) == 1:
        definition["prompt"] = prompts[0].spec(variables)
    definition["agents"] = [
        {**agent, "name": _both(agent, prompt, prompts)} | _own(prompt, prompts, variables)
        for agent in agents
        for prompt in prompts
    ]
    definition["evaluators"] = list(group[0][1].evaluators)
    return ImportedBenchmark(definition, rows)


def _own(prompt: PromptText, prompts: Sequence[PromptText], variables: Sequence[str]) -> dict[str, Any]:
    return {"prompt": prompt.spec(variables)} if len(prompts) > 1 else {}


def _both(agent: Mapping[str, Any], prompt: PromptText, prompts: Sequence[PromptText]) -> str:
    return str(agent["name"]) if len(prompts) == 1 else named(f"{agent['name']} - {prompt.label}", "agent")


def _row(test: FooTest, judging: Judging, variables: Sequence[str]) -> dict[str, Any]:
    # promptfoo shows a variable that a test does not have as nothing.
    told = {f"var_{each}": test.variables.get(each, "") for each in variables}
    return {"id": test.name, "input": "", "expected": judging.expected, **told, **judging.values}


plugin = Plugin(NoSettings, PromptfooImporter, summary="promptfoo's configurations: prompts, providers, tests.")
