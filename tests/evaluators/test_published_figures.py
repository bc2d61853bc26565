"""Recorded answers of real models get exactly the scores their publishers gave them.

The settings below are what the ready-made definitions of these benchmarks use.
"""

import gzip
import json
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from core.cases import Case, Reply
from core.verdicts import Scored
from tests.evaluators.judging import opened

GSM8K: dict[str, Any] = {"kind": "numeric", "last_number": False}
"""The expected answer may be the dataset's whole `answer`: the number behind `####` is read from it."""
BBH: dict[str, Any] = {
    "kind": "exact",
    "ignore_case": False,
    "trim": "period",
    "extract": {"after": ["the answer is"], "stop": ["\n\nQ:"]},
}
"""Exact match of what follows "the answer is", but for one final period; the whole reply where it is not said."""
MMLU_PRO: dict[str, Any] = {"kind": "choice", "rules": ["answer_is", "answer_colon"], "letters": "ABCDEFGHIJ"}
"""The first two steps of the official extraction, which the published Llama-3-70B predictions were made with."""


def rows(file: Path) -> list[dict[str, Any]]:
    opener = gzip.open if file.suffix == ".gz" else open
    with opener(file, "rt") as lines:
        return [json.loads(line) for line in lines]


def official(shared_folder: Path, file: str) -> dict[str, Any]:
    manifest = json.loads((shared_folder / "oracles" / "MANIFEST.json").read_text())
    return next(entry["official"] for entry in manifest if entry["file"] == file)


async def verdicts(settings: dict[str, Any], answers: Sequence[tuple[str, str]]) -> list[Scored]:
    """Verdicts on these (expected, reply) pairs."""
    evaluator = opened(settings["kind"], {key: value for key, value in settings.items() if key != "kind"})
    found: list[Scored] = []
    for at, (expected, reply) in enumerate(answers):
        verdict = await evaluator.evaluate(Case(id=str(at), input="", expected=expected), Reply(text=reply))
        assert isinstance(verdict, Scored), verdict
        found.append(verdict)
    return found


async def test_gsm8k_is_scored_as_published_item_by_item(shared_folder: Path) -> None:
    file = "gsm8k_openai/6b_finetuning.jsonl.gz"
    recorded = rows(shared_folder / "oracles" / file)
    dataset = rows(shared_folder / "datasets" / "gsm8k" / "test.jsonl")
    assert [row["question"] for row in recorded] == [row["question"] for row in dataset]
    pairs = [(row["answer"], each["6b_finetuning"]["solution"]) for row, each in zip(dataset, recorded, strict=True)]
    found = await verdicts(GSM8K, pairs)
    assert [each.value == 1 for each in found] == [each["6b_finetuning"]["is_correct"] for each in recorded]
    assert {"correct": sum(each.value for each in found), "n": len(found)} == official(shared_folder, file)


async def test_gsm8k_is_scored_the_same_however_the_answer_is_worded(shared_folder: Path) -> None:
    dataset = rows(shared_folder / "datasets" / "gsm8k" / "test.jsonl")
    for wording in ("#### {}", "The answer is ${}.00.", "So it is $\\boxed{{{}}}$.", "**Answer:** {} in 3 days"):
        answers = [row["answer"].split("####")[1].strip() for row in dataset]
        found = await verdicts(GSM8K, [(answer, wording.format(answer)) for answer in answers])
        assert [each for each in found if each.value != 1] == []
        wrong = await verdicts(GSM8K, [(answer, wording.format("9" + answer)) for answer in answers])
        assert [each for each in wrong if each.value != 0] == []


async def test_every_gsm8k_reference_solution_is_right(shared_folder: Path) -> None:
    dataset = rows(shared_folder / "datasets" / "gsm8k" / "test.jsonl")
    found = await verdicts(GSM8K, [(row["answer"], row["answer"]) for row in dataset])
    assert sum(each.value for each in found) == len(dataset)


async def test_bbh_is_scored_as_published_task_by_task(shared_folder: Path) -> None:
    file = "bbh_codex/cot_six_tasks.jsonl.gz"
    recorded = rows(shared_folder / "oracles" / file)
    found = await verdicts(BBH, [(row["target"], row["prediction"]) for row in recorded])
    right = Counter(row["task"] for row, each in zip(recorded, found, strict=True) if each.value == 1)
    for task, figures in official(shared_folder, file).items():
        assert right[task] == round(figures["accuracy"] * figures["n"] / 100), task


async def test_mmlu_pro_is_scored_as_published_item_by_item(shared_folder: Path) -> None:
    file = "mmlu_pro/outputs_llama3_70b.jsonl.gz"
    recorded = rows(shared_folder / "oracles" / file)
    found = await verdicts(MMLU_PRO, [(row["answer"], row["output"]) for row in recorded])
    assert [each.answer for each in found] == [row["pred"] for row in recorded]
    figures = official(shared_folder, file)
    assert sum(each.value for each in found) == figures["pred_correct"]
    assert sum(each.answer is None for each in found) == figures["pred_null"]
