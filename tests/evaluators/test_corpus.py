"""Figures of all answers together are those of the libraries and scripts that papers report, with honest intervals."""

import gzip
import json
import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any, cast

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from statsmodels.regression import linear_model  # pyright: ignore[reportMissingTypeStubs]

from core.cases import Case, Reply
from core.metrics import Figure
from core.verdicts import COUNTS, Counted, Counts, Scored, UnitCounts
from evaluators.corpus import MOST_NAMES, Corpus
from evaluators.statistics.proportions import wilson
from tests.evaluators.judging import opened

models = cast("Any", linear_model)
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


def right_of_asked(counts: Counts) -> dict[str, Counted]:
    return {"share": Counted(counts["right"] / counts["asked"], counts["asked"])}


def mean(counts: Counts) -> dict[str, Counted]:
    return {"mean": Counted(counts["score"] / counts["answers"], counts["answers"])}


@given(RATES, st.integers(1, 7))
def test_a_mean_lies_in_its_interval_however_its_cases_come(rates: list[tuple[int, float]], block: int) -> None:
    rates.sort()
    found = added(Corpus(mean), [UnitCounts(case, {"score": score}) for case, score in rates], block).figures()["mean"]
    assert found.value == pytest.approx(sum(score for _, score in rates) / len(rates))
    assert found.n == len(rates)
    if len({case for case, _ in rates}) < 2:
        assert found.low is found.high is None
    else:
        assert found.low is not None
        assert found.high is not None
        assert 0 <= found.low <= found.value <= found.high <= 1
        assert found.low < found.high


@pytest.mark.parametrize("graded", [False, True])
def test_of_many_cases_the_interval_of_a_mean_is_nearly_statsmodels(graded: bool) -> None:
    random = np.random.default_rng(3)
    cases = np.repeat(np.arange(800), random.integers(1, 5, 800))
    chance = random.random(800)[cases]
    scores = random.beta(1 + chance, 2 - chance) if graded else (random.random(len(cases)) < chance).astype(float)
    rows = [UnitCounts(int(case), {"score": float(score)}) for case, score in zip(cases, scores, strict=True)]
    fitted = models.OLS(scores, np.ones(len(scores))).fit(cov_type="cluster", cov_kwds={"groups": cases}, use_t=True)
    found = added(Corpus(mean), rows, 100).figures()["mean"]
    assert found.value == pytest.approx(float(fitted.params[0]))
    assert (found.low, found.high) == pytest.approx(tuple(fitted.conf_int()[0]), abs=5e-4)


@pytest.mark.parametrize("passages", [3, 5, 10])
def test_few_passages_keep_their_95_percent(passages: int) -> None:
    """Fifty answers about each, which is as easy as chance has it: Beta(2, 2), so the true mean is one half."""
    random, held, rounds = np.random.default_rng(passages), 0, 400
    for _ in range(rounds):
        right = random.binomial(50, random.beta(2, 2, passages)).tolist()
        rows = [UnitCounts(at, {"right": number, "asked": 50}) for at, number in enumerate(right)]
        found = added(Corpus(right_of_asked), rows, passages).figures()["share"]
        assert found.low is not None
        assert found.high is not None
        held += found.low <= 0.5 <= found.high
    assert held / rounds >= 0.93


@pytest.mark.parametrize(("kind", "name"), [("bleu", "corpus_bleu"), ("chrf", "corpus_chrf")])
@pytest.mark.parametrize("cases", [5, 40])
async def test_a_perfect_corpus_is_known_as_well_as_so_many_right_answers(kind: str, name: str, cases: int) -> None:
    pytest.importorskip("sacrebleu")
    texts = [" ".join(f"word{at * step}" for step in range(6 + at % 5)) for at in range(1, cases + 1)]
    found = (await figures(kind, {}, [({"expected": text}, text) for text in texts]))[name]
    assert (found.value, found.high) == (1.0, 1.0)
    assert found.low == pytest.approx(wilson(cases, cases).low)


def test_answers_that_are_all_alike_count_once_each() -> None:
    found = added(Corpus(mean), [UnitCounts(at, {"score": 0.3}) for at in range(50)], 7).figures()["mean"]
    share = wilson(15, 50)
    assert (found.low, found.high) == pytest.approx((share.low, share.high))


@pytest.mark.parametrize("value", [1.2, -0.1, math.nan])
def test_a_figure_beyond_0_and_1_is_named(value: float) -> None:
    corpus = added(Corpus(lambda _: {"odd": Counted(value, 2)}), [UnitCounts(at, {}) for at in range(2)], 2)
    with pytest.raises(ValueError, match=rf"The figure 'odd' is {value}; figures lie between 0 and 1\."):
        corpus.figures()


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
