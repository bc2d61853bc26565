"""The text measures agree to 1e-9 with the libraries and formulas that the field publishes with."""

import re
import string
from collections import Counter
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rapidfuzz import distance, fuzz

from core.cases import Case, Reply
from core.verdicts import Scored
from tests.evaluators.judging import opened

AS_IT_IS: dict[str, Any] = {"ignore_case": False, "trim": "spaces", "collapse_spaces": False}
WORDS = st.sampled_from(
    ["the", "cat", "Cat.", "cats", "sat", "on", "a", "mat,", "mats", "running", "ran", "1,000", "it's", "“so”", "été"]
)
TEXTS = st.lists(WORDS, min_size=1, max_size=12).map(" ".join)
PAIRS: list[tuple[str, str]] = [
    ("The dog had bit the man.", "The dog bit the man."),
    ("It wasn't surprising.", "It was not unexpected."),
    ("The man had just bitten him.", "The man bit him first."),
    ("police kill the gunman", "police killed the gunman"),
    ("a b c d e f g", "g f e d c b a"),
    ("running runs ran easily", "the run was easy"),
    ("Ärger über Öl, 10 %", "aerger ueber oel"),
    ("x", "x"),
    ("one two", "three four"),
]


async def score(kind: str, answer: str, references: Sequence[str], settings: dict[str, Any] | None = None) -> float:
    case = Case(id="1", input="", metadata={"references": list(references)})
    evaluator = opened(kind, {"also_accept": "references", **(settings or {})})
    verdict = await evaluator.evaluate(case, Reply(text=answer))
    assert isinstance(verdict, Scored)
    return verdict.value


def squad_words(text: str) -> list[str]:
    """What SQuAD's script does, step by step."""
    kept = "".join(character for character in text.lower() if character not in set(string.punctuation))
    return re.sub(r"\b(a|an|the)\b", " ", kept).split()


def squad_f1(answer: str, reference: str) -> float:
    """F1 as twice the words in common over all words of both, which is the harmonic mean of its two shares."""
    said, wanted = Counter(squad_words(answer)), Counter(squad_words(reference))
    both = sum(said.values()) + sum(wanted.values())
    if not said or not wanted:
        return float(said == wanted)
    return 2 * sum(min(said[word], wanted[word]) for word in said) / both


@given(answer=TEXTS, references=st.lists(TEXTS, min_size=1, max_size=3))
async def test_f1_is_squads(answer: str, references: list[str]) -> None:
    wanted = max(squad_f1(answer, reference) for reference in references)
    assert await score("f1", answer, references) == pytest.approx(wanted, abs=1e-9)


@given(answer=TEXTS, references=st.lists(TEXTS, min_size=1, max_size=3))
async def test_quasi_exact_is_squads_exact_match(answer: str, references: list[str]) -> None:
    wanted = any(squad_words(answer) == squad_words(reference) for reference in references)
    assert await score("quasi_exact", answer, references) == float(wanted)


@pytest.mark.parametrize(
    ("measure", "function", "scale"),
    [
        ("ratio", fuzz.ratio, 100),
        ("partial_ratio", fuzz.partial_ratio, 100),
        ("token_sort_ratio", fuzz.token_sort_ratio, 100),
        ("token_set_ratio", fuzz.token_set_ratio, 100),
        ("token_ratio", fuzz.token_ratio, 100),
        ("partial_token_sort_ratio", fuzz.partial_token_sort_ratio, 100),
        ("weighted_ratio", fuzz.WRatio, 100),
        ("levenshtein", distance.Levenshtein.normalized_similarity, 1),
        ("damerau_levenshtein", distance.DamerauLevenshtein.normalized_similarity, 1),
        ("osa", distance.OSA.normalized_similarity, 1),
        ("jaro_winkler", distance.JaroWinkler.normalized_similarity, 1),
    ],
)
@pytest.mark.parametrize(("answer", "reference"), PAIRS)
async def test_fuzzy_is_rapidfuzz(measure: str, function: Any, scale: float, answer: str, reference: str) -> None:
    found = await score("fuzzy", answer, [reference], {"measure": measure, **AS_IT_IS})
    assert found == pytest.approx(function(answer, reference) / scale, abs=1e-9)


@pytest.mark.parametrize("tokenize", ["13a", "intl", "char", "zh", "none"])
@pytest.mark.parametrize("smooth", ["exp", "floor", "add-k", "none"])
async def test_bleu_is_sacrebleus_sentence_bleu(tokenize: str, smooth: str) -> None:
    sacrebleu: Any = pytest.importorskip("sacrebleu")
    for at, (answer, reference) in enumerate(PAIRS):
        references = [reference, PAIRS[at - 1][1]]
        wanted = sacrebleu.sentence_bleu(answer, references, smooth_method=smooth, tokenize=tokenize).score / 100
        found = await score("bleu", answer, references, {"tokenize": tokenize, "smooth": smooth})
        assert found == pytest.approx(wanted, abs=1e-9)


@pytest.mark.parametrize("word_order", [0, 2])
async def test_chrf_is_sacrebleus_sentence_chrf(word_order: int) -> None:
    sacrebleu: Any = pytest.importorskip("sacrebleu")
    for at, (answer, reference) in enumerate(PAIRS):
        references = [reference, PAIRS[at - 1][1]]
        wanted = sacrebleu.sentence_chrf(answer, references, word_order=word_order).score / 100
        found = await score("chrf", answer, references, {"word_order": word_order})
        assert found == pytest.approx(wanted, abs=1e-9)


@pytest.mark.parametrize("measure", ["rouge1", "rouge2", "rougeL", "rougeLsum"])
@pytest.mark.parametrize("stem", [False, True])
async def test_rouge_is_googles(measure: str, stem: bool) -> None:
    library: Any = pytest.importorskip("rouge_score.rouge_scorer")
    scorer = library.RougeScorer([measure], use_stemmer=stem)
    for at, (answer, reference) in enumerate([*PAIRS, ("one two.\nthree four.", "three two.\none four.")]):
        references = [reference, PAIRS[at - 1][1]]
        settings = {"measure": measure, "stem": stem}
        wanted = scorer.score_multi(references, answer)[measure].fmeasure
        assert await score("rouge", answer, references, settings) == pytest.approx(wanted, abs=1e-9)
        alone = scorer.score(reference, answer)[measure]
        for value in ("precision", "recall"):
            found = await score("rouge", answer, [reference], {**settings, "value": value})
            assert found == pytest.approx(getattr(alone, value), abs=1e-9)
