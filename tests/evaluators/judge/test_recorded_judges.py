"""What two published judges said of LLMBar's pairs, read as its authors read it; see the oracles' MANIFEST.json."""

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from evaluators.judge.ballots import Order, of_pair
from evaluators.judge.parsing import read_verdict
from evaluators.judge.settings import JudgeSettings
from tests.evaluators.judge.panels import spec

WINNERS = {"answer": "1", "other": "2"}
ORDERS: dict[str, Order] = {"swap = False": "as_given", "swap = True": "swapped"}
VANILLA = (r"(?:^|\n) ?Output \(a\)", r"(?:^|\n) ?Output \(b\)")
CHAIN_OF_THOUGHT = (r"Output \(a\) is better\.", r"Output \(b\) is better\.")


def judge(patterns: tuple[str, str], counts: str) -> JudgeSettings:
    wordings = [
        {"label": label, "pattern": pattern} for label, pattern in zip(("first", "second"), patterns, strict=True)
    ]
    given = {"judges": [spec()], "mode": "pairwise", "wordings": wordings, "wording_counts": counts}
    return JudgeSettings.model_validate(given)


def recorded(folder: Path, evaluator: str) -> list[dict[str, Any]]:
    with gzip.open(folder / "oracles/llmbar_judges/raw_completions_two_judges.jsonl.gz", "rt") as lines:
        return [row for row in map(json.loads, lines) if row["evaluator"] == evaluator]


@pytest.mark.parametrize(("evaluator", "patterns"), [("ChatGPT/Vanilla", VANILLA), ("GPT-4/CoT", CHAIN_OF_THOUGHT)])
@pytest.mark.parametrize("counts", ["last", "listed"])
def test_every_recorded_completion_is_read_as_the_recorded_winner(
    shared_folder: Path, evaluator: str, patterns: tuple[str, str], counts: str
) -> None:
    settings, rows = judge(patterns, counts), recorded(shared_folder, evaluator)
    read = [
        (WINNERS[of_pair(read_verdict(one["completion"][0], settings, mark="").verdict, ORDERS[order])], one["winner"])
        for row in rows
        for order, one in row["result"].items()
    ]
    assert len(read) == 838
    assert [ours for ours, _ in read] == [theirs for _, theirs in read]
