"""IFEval's rules: recorded answers get the labels their publishers gave them, and hostile answers take no time."""

import gzip
import json
import time
from pathlib import Path
from typing import Any, cast

import pytest

from core.cases import Case, Reply
from core.verdicts import Scored
from evaluators.instructions.arguments import Arguments
from evaluators.instructions.rules import RULES, follows
from evaluators.instructions.sentences import count_sentences
from evaluators.instructions.tokens import tokens
from tests.evaluators.judging import judged, opened

LIMIT_S = 5.0
"""Far more than any rule needs, far less than a quadratic one."""


def rows(file: Path) -> list[dict[str, Any]]:
    opener = gzip.open if file.suffix == ".gz" else open
    with opener(file, "rt", encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


@pytest.fixture(scope="module")
def requests(shared_folder: Path) -> dict[int, dict[str, Any]]:
    return {row["key"]: row for row in rows(shared_folder / "datasets" / "ifeval" / "input_data.jsonl")}


@pytest.fixture(scope="module")
def answers(shared_folder: Path) -> dict[str, str]:
    """By request."""
    recorded = rows(shared_folder / "oracles" / "ifeval_gpt4" / "responses_first271.jsonl.gz")
    return {row["prompt"]: row["response"] for row in recorded}


async def verdict(settings: dict[str, Any], request: dict[str, Any], answer: str) -> Scored:
    metadata = {name: request[name] for name in ("instruction_id_list", "kwargs")}
    case = Case(id=str(request["key"]), input=request["prompt"], metadata=metadata)
    verdict = await opened("ifeval", settings).evaluate(case, Reply(text=answer))
    assert isinstance(verdict, Scored), verdict
    return verdict


async def test_every_recorded_answer_gets_its_published_labels(
    shared_folder: Path, requests: dict[int, dict[str, Any]], answers: dict[str, str]
) -> None:
    labels = rows(shared_folder / "oracles" / "ifeval_gpt4" / "labels_strict_first270.jsonl")
    all_followed = 0
    for label in labels:
        request = requests[label["key"]]
        found = await verdict({}, request, answers[request["prompt"]])
        assert found.details["followed"] == label["follow_instruction_list"], (label, found.reason)
        assert found.value == label["follow_all_instructions"]
        all_followed += int(found.value)
    manifest = json.loads((shared_folder / "oracles" / "MANIFEST.json").read_text())
    official = next(entry["official"] for entry in manifest if entry["file"].startswith("ifeval_gpt4/"))
    assert len(labels) == 270
    assert all_followed == official["follow_all"]


async def test_loose_judgement_forgives_and_never_condemns(
    requests: dict[int, dict[str, Any]], answers: dict[str, str]
) -> None:
    forgiven = 0
    for request in requests.values():
        if request["prompt"] in answers:
            strict = await verdict({}, request, answers[request["prompt"]])
            loose = await verdict({"mode": "loose"}, request, answers[request["prompt"]])
            followed = zip(*(cast("list[bool]", each.details["followed"]) for each in (strict, loose)), strict=True)
            assert all(better >= worse for worse, better in followed)
            forgiven += int(loose.value > strict.value)
    assert forgiven > 0


async def test_every_request_of_the_dataset_can_be_judged(requests: dict[int, dict[str, Any]]) -> None:
    seen: set[str] = set()
    for request in requests.values():
        assert (await verdict({}, request, "Yes.")).value in {0, 1}
        seen |= {*request["instruction_id_list"]}
    assert seen == set(RULES)


COUNTS = (
    *("frequency", "let_frequency", "capital_frequency", "num_words", "num_sentences", "num_paragraphs"),
    *("num_placeholders", "num_bullets", "num_highlights", "num_sections"),
)
ARGUMENTS: dict[str, Any] = {
    "relation": "at least",
    "let_relation": "at least",
    "capital_relation": "at least",
    "keywords": ["a"],
    "keyword": "a",
    "forbidden_words": ["zebra"],
    "letter": "a",
    "language": "en",
    "section_spliter": "Section",
    "postscript_marker": "P.S.",
    "first_word": "a",
    "nth_paragraph": 1,
    "end_phrase": "a",
    "prompt_to_repeat": "a",
} | dict.fromkeys(COUNTS, 3)


@pytest.mark.parametrize("piece", ["[", "*", "<<", " ", "\n", "p.", ".", "!?", "a", "A", '"', "Section", "-", "1. "])
def test_a_long_answer_of_one_repeated_sign_takes_no_rule_long(piece: str) -> None:
    answer = piece * (100_000 // len(piece)) + "x"
    started = time.process_time()
    for name in RULES:
        assert follows(answer, Arguments(name, ARGUMENTS), "strict") in {True, False}
    assert time.process_time() - started < LIMIT_S


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("", 0),
        ("   \n", 0),
        ("One. Two! Three?", 3),
        ("Dr. Smith met Mrs. Jones in the U.S. on Jan. 5. They talked.", 2),
        ("It cost 3.50 dollars. Version 1.2.3 is out.", 2),
        ('"Stop." He ran. (Really.) Then "no?" she said.', 5),
        ("J. S. Bach wrote it. It lasts.", 2),
        ("Wait ... what? Yes... We go.", 2),
        ("no period at all", 1),
        ("First line\nsecond line", 1),
    ],
)
def test_sentences_are_counted_as_the_field_counts_them(text: str, count: int) -> None:
    assert count_sentences(text) == count


def test_words_are_told_apart_as_in_the_penn_treebank() -> None:
    assert tokens("CAN'T we, \"GO\" (NOW)? I'M IN-HOUSE: 1,000 TIMES") == (
        ["CA", "N'T", "we", ",", '"', "GO", '"', "(", "NOW", ")", "?", "I", "'M", "IN-HOUSE", ":", "1,000", "TIMES"]
    )


async def test_what_a_model_thinks_before_it_answers_is_not_judged() -> None:
    metadata: dict[str, Any] = {
        "instruction_id_list": ["punctuation:no_comma", "startend:quotation"],
        "kwargs": [{}, {}],
    }
    verdict = await judged("ifeval", '<think>a, b</think>\n"fine"', metadata=metadata)
    assert isinstance(verdict, Scored)
    assert verdict.value == 1
    kept = await judged("ifeval", '<think>a, b</think>\n"fine"', {"drop_thinking": False}, metadata=metadata)
    assert isinstance(kept, Scored)
    assert kept.details["followed"] == [False, False]
