"""Figures of all answers together are those of the libraries and scripts that papers report, with honest intervals."""

import gzip
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, cast

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.cases import Case, Reply
from core.metrics import Figure
from core.verdicts import COUNTS, Counted, Counts, Scored, UnitCounts
from evaluators.corpus import MOST_NAMES, Corpus
from evaluators.statistics.clusters import clustered_mean
from evaluators.statistics.proportions import wilson
from tests.evaluators.judging import opened

REFERENCES = [
    ["The dog bit the man.", "The dog had bitten the man."],
    ["It was not unexpected.", "No one was surprised."],
    ["The man bit him first.", "The man had bitten the dog."],
]
ANSWERS = ["The dog bit the man.", "It wasn't surprising.", "The man had just bitten him."]
RATES = st.lists(st.tuples(st.integers(0, 5), st.sampled_from([0.0, 0.25, 1.0])), min_size=2, max_size=30)


async def figures(
    kind: str, settings: dict[str, Any], answers: Sequence[tuple[dict[str, Any], str]], block: int = 2
) -> dict[str, Figure]:
    """Of these (fields of the case, reply), added up a few at a time."""
    evaluator = opened(kind, settings)
    rows: list[UnitCounts] = []
    for at, (fields, reply) in enumerate(answers):
        case = Case.model_validate({"id": str(at), "input": "", **fields})
        verdict = await evaluator.evaluate(case, Reply(text=reply))
        assert isinstance(verdict, Scored), verdict
        if COUNTS in verdict.details:
            rows.append(UnitCounts(at, cast("dict[str, object]", verdict.details[COUNTS])))
    assert evaluator.figures is not None
    return added(Corpus(evaluator.figures), rows, block).figures()


def added(corpus: Corpus, rows: Sequence[UnitCounts], block: int) -> Corpus:
    for start in range(0, len(rows), block):
        corpus.add(rows[start : start + block])
    return corpus


def translated(answers: Sequence[str]) -> list[tuple[dict[str, Any], str]]:
    cases = [{"metadata": {"references": references}} for references in REFERENCES]
    return list(zip(cases, answers, strict=True))


@pytest.mark.parametrize("answers", [ANSWERS, ["", *ANSWERS[1:]], ["no", "match", "here"], ["", "", ""]])
@pytest.mark.parametrize("settings", [{}, {"tokenize": "char"}, {"smooth": "add-k"}, {"smooth": "floor"}])
async def test_the_bleu_of_a_corpus_is_sacrebleus(answers: list[str], settings: dict[str, Any]) -> None:
    sacrebleu: Any = pytest.importorskip("sacrebleu")
    options = {"smooth_method" if name == "smooth" else name: value for name, value in settings.items()}
    wanted = sacrebleu.corpus_bleu(answers, list(zip(*REFERENCES, strict=True)), **options).score / 100
    found = await figures("bleu", {"also_accept": "references", **settings}, translated(answers))
    assert found["corpus_bleu"].value == pytest.approx(wanted, abs=1e-9)
    assert found["corpus_bleu"].n == 3


@pytest.mark.parametrize("answers", [ANSWERS, ["", *ANSWERS[1:]], ["x", "y", "z"]])
@pytest.mark.parametrize("settings", [{}, {"word_order": 2}, {"char_order": 3, "beta": 1}])
async def test_the_chrf_of_a_corpus_is_sacrebleus(answers: list[str], settings: dict[str, Any]) -> None:
    sacrebleu: Any = pytest.importorskip("sacrebleu")
    wanted = sacrebleu.corpus_chrf(answers, list(zip(*REFERENCES, strict=True)), **settings).score / 100
    found = await figures("chrf", {"also_accept": "references", **settings}, translated(answers))
    assert found["corpus_chrf"].value == pytest.approx(wanted, abs=1e-9)


async def test_the_aggregate_of_rouge_is_that_of_its_best_references() -> None:
    library: Any = pytest.importorskip("rouge_score.rouge_scorer")
    scorer = library.RougeScorer(["rouge2"], use_stemmer=True)
    scores = [scorer.score_multi(own, said)["rouge2"] for own, said in zip(REFERENCES, ANSWERS, strict=True)]
    settings = {"also_accept": "references", "measure": "rouge2", "stem": True}
    found = await figures("rouge", settings, translated(ANSWERS))
    wanted = [np.mean([getattr(score, name) for score in scores]) for name in ("precision", "recall", "fmeasure")]
    assert [found[name].value for name in ("precision", "recall", "f")] == pytest.approx(wanted, abs=1e-9)


def official_squad(answers: Sequence[tuple[list[str], str]]) -> dict[str, float]:
    """What `evaluate-v2.0.py` tells of (right answers, prediction) pairs; predictions are right or share nothing."""
    scores: dict[str, list[float]] = {"has_answer": [], "no_answer": []}
    for golden, said in answers:
        scores["has_answer" if golden else "no_answer"].append(float(said in (golden or [""])))
    return {kind: sum(each) / len(each) for kind, each in scores.items()}


@pytest.mark.parametrize("kind", ["f1", "quasi_exact"])
async def test_questions_without_an_answer_have_figures_of_their_own(kind: str) -> None:
    given: list[tuple[list[str], str]] = [
        (["Paris", "paris france"], "Paris"),
        (["1969"], ""),
        ([], ""),
        ([], "Rome"),
        ([], ""),
    ]
    cases = [({"metadata": {"answers": {"text": golden}}}, said) for golden, said in given]
    found = await figures(kind, {"unanswerable": True, "also_accept": "answers.text"}, cases)
    assert {name: figure.value for name, figure in found.items()} == pytest.approx(official_squad(given))
    assert {name: figure.n for name, figure in found.items()} == {"has_answer": 2, "no_answer": 3}


async def test_words_for_no_answer_count_as_an_empty_one() -> None:
    settings = {"unanswerable": True, "no_answer": ["The question is unanswerable."], "also_accept": "answers"}
    cases = [({"metadata": {"answers": golden}}, "Question is unanswerable") for golden in ([], ["Rome"])]
    found = await figures("quasi_exact", settings, cases)
    assert (found["no_answer"].value, found["has_answer"].value) == (1.0, 0.0)


async def test_without_unanswerable_questions_there_are_no_such_figures() -> None:
    assert await figures("f1", {}, [({"expected": "Rome"}, "Rome")]) == {}


async def test_the_four_figures_of_ifeval_are_the_published_ones(shared_folder: Path) -> None:
    def rows(file: Path) -> list[dict[str, Any]]:
        with gzip.open(file, "rt") if file.suffix == ".gz" else file.open() as lines:
            return [json.loads(line) for line in lines]

    folder = shared_folder / "oracles" / "ifeval_gpt4"
    labels = {row["key"]: row["follow_instruction_list"] for row in rows(folder / "labels_strict_first270.jsonl")}
    said = {row["prompt"]: row["response"] for row in rows(folder / "responses_first271.jsonl.gz")}
    requests = [row for row in rows(shared_folder / "datasets" / "ifeval" / "input_data.jsonl") if row["key"] in labels]
    cases = [
        ({"metadata": {name: row[name] for name in ("instruction_id_list", "kwargs")}}, said[row["prompt"]])
        for row in requests
    ]
    for mode in ("strict", "loose"):
        found = await figures("ifeval", {"mode": mode}, cases, block=100)
        assert found["prompt_strict"].value == sum(all(each) for each in labels.values()) / 270
        every = [followed for each in labels.values() for followed in each]
        strict = found["instruction_strict"]
        assert (strict.value, strict.n) == (sum(every) / len(every), len(every))
        assert found["prompt_loose"].value >= found["prompt_strict"].value
        assert found["instruction_loose"].value >= found["instruction_strict"].value


def mean(counts: Counts) -> dict[str, Counted]:
    return {"mean": Counted(counts["score"] / counts["answers"], counts["answers"])}


@given(RATES, st.integers(1, 7))
def test_the_interval_of_a_mean_is_that_of_its_clustered_error(rates: list[tuple[int, float]], block: int) -> None:
    rates.sort()
    found = added(Corpus(mean), [UnitCounts(case, {"score": score}) for case, score in rates], block).figures()["mean"]
    estimate = clustered_mean(np.array([score for _, score in rates]), np.array([case for case, _ in rates]))
    assert found.value == pytest.approx(estimate.mean)
    assert found.n == len(rates)
    if estimate.standard_error is None:
        assert found.low is found.high is None
    elif estimate.standard_error > 1e-6:
        independent = max(1.0, estimate.mean * (1 - estimate.mean) / estimate.standard_error**2)
        wanted = wilson(estimate.mean, 1, effective_n=independent)
        assert (found.low, found.high) == pytest.approx((wanted.low, wanted.high), abs=1e-6)


def test_the_interval_of_a_ratio_holds_its_true_value_as_often_as_it_says() -> None:
    random = np.random.default_rng(4)

    def ratio(counts: Counts) -> dict[str, Counted]:
        return {"ratio": Counted(counts["followed"] / counts["instructions"], counts["instructions"])}

    held = 0
    for _ in range(400):
        instructions = random.integers(1, 4, 150)
        # The longer the list, the harder each of its instructions: 0.9, 0.8 and 0.7 of them are followed.
        followed = random.binomial(instructions, 1 - 0.1 * instructions)
        rows = [
            UnitCounts(at, {"instructions": int(n), "followed": int(well)})
            for at, (n, well) in enumerate(zip(instructions, followed, strict=True))
        ]
        found = added(Corpus(ratio), rows, 150).figures()["ratio"]
        assert found.low is not None
        assert found.high is not None
        held += found.low <= (1 * 0.9 + 2 * 0.8 + 3 * 0.7) / 6 <= found.high
    assert held / 400 == pytest.approx(0.95, abs=0.035)


def test_all_right_is_not_certain() -> None:
    found = added(Corpus(mean), [UnitCounts(at, {"score": 1.0}) for at in range(10)], 3).figures()["mean"]
    assert (found.value, found.high) == (1.0, 1.0)
    assert found.low == pytest.approx(wilson(10, 10).low)


def test_nothing_has_no_figures_and_one_case_no_interval() -> None:
    assert Corpus(mean).figures() == {}
    once = added(Corpus(mean), [UnitCounts(7, {"score": 0.5}), UnitCounts(7, {"score": 1.0})], 1).figures()["mean"]
    assert once == Figure(value=0.75, low=None, high=None, n=2)


def test_names_may_come_late_and_many() -> None:
    rows = [UnitCounts(at, {"score": 1.0, f"label/{at}": 1}) for at in range(MOST_NAMES + 10)]
    found = added(Corpus(mean), rows, 50).figures()["mean"]
    assert found == Figure(value=1.0, low=None, high=None, n=MOST_NAMES + 10)


def test_what_is_no_number_is_not_counted() -> None:
    rows = [UnitCounts(at, {"score": 1.0, "note": "text", "none": None}) for at in range(3)]
    assert added(Corpus(mean), rows, 3).figures()["mean"].value == 1.0
