"""The ready-made benchmarks over real data: every case is there, and recorded answers get their published figures."""

import gzip
import json
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from adapters.datasets.case_sets import StoredCaseSets
from adapters.definitions.ready_made import ready_made, ready_made_definition
from adapters.prompts.prompts import JinjaPrompts
from core.benchmarks import BenchmarkDefinition
from core.cases import Case, Reply
from core.errors import NotFound
from core.plugins import find, settings_of
from core.verdicts import Scored
from tests.adapters.datasets.preparing import case_sets

FILES = {
    "gsm8k": "gsm8k/",
    "mmlu": "mmlu/",
    "mmlu-pro": "mmlu_pro/",
    "bbh": "bbh/",
    "bfcl": "bfcl/BFCL",
    "bfcl-text": "bfcl/BFCL",
    "ifeval": "ifeval/",
    "truthfulqa": "truthfulqa/",
    "math-500": "math500/",
    "humaneval": "humaneval/",
    "mbpp": "mbpp/",
}
ANSWERED = sorted(FILES.keys() - {"bfcl", "bfcl-text", "ifeval", "humaneval", "mbpp"})
"""Those whose cases have one expected answer in words."""


@pytest.fixture
def data(shared_folder: Path) -> Path:
    return shared_folder / "datasets"


@pytest.fixture
def sets(tmp_path: Path, data: Path) -> StoredCaseSets:
    return case_sets(tmp_path, local_folders=(data,))


async def asked(
    sets: StoredCaseSets, name: str, data: Path, *, examples: int = 0
) -> tuple[BenchmarkDefinition, Sequence[Case]]:
    definition = ready_made_definition(name, str(data))
    case_set = await sets.prepare(definition.dataset, project_id="default", examples=examples)
    return definition, await sets.read(case_set, 0, case_set.case_count)


async def verdict(definition: BenchmarkDefinition, case: Case, reply: str) -> Scored:
    evaluation = definition.evaluators[0]
    evaluator = find("evaluators", evaluation.kind).build(settings_of("evaluators", evaluation))
    verdict = await evaluator.evaluate(case, Reply(text=reply))
    assert isinstance(verdict, Scored), verdict
    return verdict


def recorded(file: Path) -> Iterator[dict[str, Any]]:
    with gzip.open(file, "rt") as lines:
        yield from map(json.loads, lines)


def official(shared_folder: Path, file: str) -> dict[str, Any]:
    manifest = json.loads((shared_folder / "oracles" / "MANIFEST.json").read_text())
    return next(entry["official"] for entry in manifest if entry["file"] == file)


def test_the_ready_made_benchmarks_are_these() -> None:
    assert set(ready_made()) == set(FILES)
    with pytest.raises(NotFound, match="no ready-made benchmark 'mnlu'; there are: bbh, bfcl, "):
        ready_made_definition("mnlu", "/data")


def test_a_ready_made_benchmark_reads_from_the_folder_it_is_given() -> None:
    definition = ready_made_definition("gsm8k", "/data/{folder}/")
    assert definition.dataset.source.settings["path"] == "/data/{folder}/gsm8k/test.jsonl"
    assert definition.agents == ()


@pytest.mark.parametrize("name", sorted(FILES))
async def test_every_case_of_the_manifest_is_asked(name: str, sets: StoredCaseSets, data: Path) -> None:
    manifest = json.loads((data / "MANIFEST.json").read_text())
    parts = [entry for entry in manifest if entry["file"].startswith(f"datasets/{FILES[name]}")]
    definition, cases = await asked(sets, name, data)
    assert len(cases) == sum(entry["rows"] for entry in parts)
    if name in {"mmlu", "bbh"}:
        expected = {Path(entry["file"]).stem.removesuffix("_test"): entry["rows"] for entry in parts}
        assert Counter(case.category for case in cases) == expected
    assert all(case.input and (case.expected or name not in ANSWERED) for case in cases)
    prompter = JinjaPrompts().open(
        definition.prompt, await sets.prepare(definition.dataset, project_id="default", examples=0)
    )
    for case in cases:
        question = prompter.question(case, trial=0, reveal_expected=False)
        assert case.input in question.text
        assert all(choice in question.text for choice in case.choices)


@pytest.mark.parametrize("name", ANSWERED)
async def test_the_right_answer_as_the_examples_show_it_is_right(name: str, sets: StoredCaseSets, data: Path) -> None:
    definition = ready_made_definition(name, str(data))
    shot = definition.prompt.few_shot.model_copy(update={"count": 1})
    prompt = definition.prompt.model_copy(update={"few_shot": shot})
    dataset = definition.dataset.model_copy(update={"limit": 100, "seed": 1})
    case_set = await sets.prepare(dataset, project_id="default", examples=1)
    prompter = JinjaPrompts().open(prompt, case_set)
    for examples in case_set.examples.values():
        for case in examples:
            shown = prompter.question(case, trial=0, reveal_expected=False).messages[-2]
            assert shown.role == "assistant"
            assert (await verdict(definition, case, shown.content)).value == 1


@pytest.mark.parametrize("name", ANSWERED)
async def test_another_cases_answer_is_wrong(name: str, sets: StoredCaseSets, data: Path) -> None:
    definition, cases = await asked(sets, name, data)
    step = max(1, len(cases) // 50)
    judged = 0
    for case, other in zip(cases[::step], cases[step // 2 + 1 :: step], strict=False):
        if case.expected != other.expected:
            wrong = await verdict(definition, case, f"So the answer is ({other.expected}).")
            assert wrong.value == 0, (case.expected, other.expected)
            judged += 1
    assert judged > 10


async def test_gsm8k_gets_its_published_figure(shared_folder: Path, sets: StoredCaseSets, data: Path) -> None:
    file = "gsm8k_openai/6b_finetuning.jsonl.gz"
    definition, cases = await asked(sets, "gsm8k", data)
    answers = {row["question"]: row["6b_finetuning"] for row in recorded(shared_folder / "oracles" / file)}
    right = 0
    for case in cases:
        answer = answers[case.input]
        found = await verdict(definition, case, answer["solution"])
        assert (found.value == 1) == answer["is_correct"], case.id
        right += int(found.value)
    assert {"correct": right, "n": len(cases)} == official(shared_folder, file)


async def test_bbh_gets_its_published_figures(shared_folder: Path, sets: StoredCaseSets, data: Path) -> None:
    file = "bbh_codex/cot_six_tasks.jsonl.gz"
    definition, cases = await asked(sets, "bbh", data)
    by_id = {case.id: case for case in cases}
    right = Counter[str]()
    for row in recorded(shared_folder / "oracles" / file):
        case = by_id[f"{row['task']}-{row['idx'] + 1}"]
        assert case.expected == row["target"]
        right[row["task"]] += int((await verdict(definition, case, row["prediction"])).value)
    figures = official(shared_folder, file)
    assert {task: right[task] / each["n"] for task, each in figures.items()} == pytest.approx(
        {task: each["accuracy"] / 100 for task, each in figures.items()}
    )


async def test_mmlu_pro_gets_its_published_figure(shared_folder: Path, sets: StoredCaseSets, data: Path) -> None:
    file = "mmlu_pro/outputs_llama3_70b.jsonl.gz"
    definition, cases = await asked(sets, "mmlu-pro", data)
    outputs = {str(row["question_id"]): row for row in recorded(shared_folder / "oracles" / file)}
    found = {case.id: await verdict(definition, case, outputs[case.id]["output"]) for case in cases}
    figures = official(shared_folder, file)
    assert len(found) == figures["n"]
    assert sum(each.value for each in found.values()) == figures["pred_correct"]
    assert sum(each.answer is None for each in found.values()) == figures["pred_null"]


async def test_ifeval_gets_its_published_figure(shared_folder: Path, sets: StoredCaseSets, data: Path) -> None:
    labels = (shared_folder / "oracles" / "ifeval_gpt4" / "labels_strict_first270.jsonl").read_text()
    definition, cases = await asked(sets, "ifeval", data)
    file = shared_folder / "oracles" / "ifeval_gpt4" / "responses_first271.jsonl.gz"
    answers = {row["prompt"]: row["response"] for row in recorded(file)}
    by_id = {case.id: case for case in cases}
    asked_for = [by_id[str(json.loads(label)["key"])] for label in labels.splitlines()]
    found = [await verdict(definition, case, answers[case.input]) for case in asked_for]
    figures = official(shared_folder, "ifeval_gpt4/labels_strict_first270.jsonl")
    assert sum(each.value for each in found) == figures["follow_all"]


async def test_the_right_answer_of_truthfulqa_is_at_no_fixed_place(sets: StoredCaseSets, data: Path) -> None:
    _, cases = await asked(sets, "truthfulqa", data)
    places = Counter(case.expected for case in cases)
    assert set(places) == {"A", "B"}
    assert 0.43 < places["A"] / len(cases) < 0.57
