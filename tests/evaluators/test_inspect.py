"""The same scored data gives the same verdicts and figures in Inspect AI and here, to 1e-9 where nothing is random.

Where Inspect rounds (F1 to two digits) ours is rounded likewise. These data leave out where the rules differ on
purpose: Inspect's F1 reads numbers within texts as numbers, parts words at hyphens and folds ß, where SQuAD's script
does not, and its `match` leaves on the quotes of other languages than English.
"""

from collections.abc import Sequence
from functools import partial
from typing import Any, NamedTuple

import numpy as np
import pytest

from core.cases import Case, Reply
from core.metrics import Mean, Proportion
from core.verdicts import Scored
from evaluators.statistics.arrays import Floats, Integers
from evaluators.statistics.clusters import clustered_mean
from evaluators.summary import summarize
from tests.evaluators.judging import opened
from tests.evaluators.test_summary import Row, columns_of

CLOSE = partial(pytest.approx, abs=1e-9, rel=0)
REPLIES = (
    *("Paris", "paris.", "The answer is Paris", "It is Paris, of course", "I think: New York!", "new york", "york new"),
    *("the New York", "", "  ", "Rome", "ROME", "A rome", "Rom", "été", "An apple a day", "apple day", "Parisian"),
    *("Paris\n", "No\nParis", "Paris Paris Rome", "`Rome`", "Rome... or Paris?", "東京", "it's Rome"),
)
TARGETS = (("Paris",), ("New York",), ("Rome", "Paris"), ("été", "apple day"), ("東京",), ("its Rome",))
LETTERED = (
    *("ANSWER: B", "answer: c", "I weigh A and D.\nANSWER: A", "ANSWER: A\nNo.\nANSWER: D", "**ANSWER: B**", "B", ""),
    *(
        "ANSWER : C.",
        "The letter B",
        "ANSWER: E",
        "ANSWER: (D)",
        "Reasons\n\nANSWER: $B$",
        "ANSWER: **C**",
        "ANSWER: no",
    ),
)
NUMBERED = {
    "42": ("42", "It is 42.", "$42", "6 times 7 is 42!", "42 or 43", "forty", "1,042", "(42)", "-42", "42.0", "4.2e1"),
    "1234.5": ("1,234.5", "about €1234.50", "1234.5 or 1", "12345", "**1,234.5**"),
    "-3": ("-3", "minus three: -3", "3", "5 - 8 = -3", "**-3**."),
}


class Inspect(NamedTuple):
    """Of the library, what these tests call; it takes seconds to import."""

    scorer: Any
    state: Any


@pytest.fixture(scope="module")
def inspect() -> Inspect:
    scorer: Any = pytest.importorskip("inspect_ai.scorer")
    from inspect_ai.model import ModelName, ModelOutput
    from inspect_ai.solver import TaskState
    from inspect_ai.solver._multiple_choice import parse_answers, set_choices_based_on_generated_response

    def state(reply: str, choices: Sequence[str] = ()) -> Any:
        output = ModelOutput.from_content("mockllm/model", reply)
        model = ModelName("mockllm/model")
        made = TaskState(model, sample_id=1, epoch=1, input="", messages=[], choices=list(choices), output=output)
        if choices:
            set_choices_based_on_generated_response(made, parse_answers(made, multiple_correct=False))
        return made

    return Inspect(scorer, state)


async def theirs(
    inspect: Inspect, scorer: Any, reply: str, targets: Sequence[str], choices: Sequence[str] = ()
) -> float:
    score = await scorer(inspect.state(reply, choices), inspect.scorer.Target(list(targets)))
    return inspect.scorer.value_to_float()(score.value)


async def ours(kind: str, settings: dict[str, Any], reply: str, targets: Sequence[str]) -> float:
    case = Case(id="1", input="", metadata={"targets": list(targets)})
    verdict = await opened(kind, {"also_accept": "targets", **settings}).evaluate(case, Reply(text=reply))
    assert isinstance(verdict, Scored)
    return verdict.value


@pytest.mark.parametrize("targets", TARGETS)
async def test_what_a_reply_includes_and_equals_is_the_same(inspect: Inspect, targets: tuple[str, ...]) -> None:
    scorer = inspect.scorer
    whole = {"extract": {"drop_emphasis": False}}
    cases: list[tuple[Any, str, dict[str, Any]]] = [
        (scorer.includes(), "contains", {"whole_words": False, **whole}),
        (scorer.includes(ignore_case=False), "contains", {"whole_words": False, "ignore_case": False, **whole}),
        (scorer.exact(), "quasi_exact", whole),
        (scorer.match(location="exact"), "exact", {"collapse_spaces": False, **whole}),
        (scorer.match(location="exact", ignore_case=False), "exact", {"ignore_case": False, "collapse_spaces": False}),
        (scorer.pattern(r"(\w+)\W*$"), "regex", {"patterns": [r"(\w+)\W*\Z"], "compare": "ignore_case"}),
    ]
    for reply in REPLIES:
        for scorer_of, kind, settings in cases:
            wanted = await theirs(inspect, scorer_of, reply, targets)
            assert await ours(kind, settings, reply, targets) == wanted, (kind, settings, reply, targets)


@pytest.mark.parametrize("targets", TARGETS)
async def test_f1_is_the_same(inspect: Inspect, targets: tuple[str, ...]) -> None:
    for reply in REPLIES:
        wanted = await theirs(inspect, inspect.scorer.f1(), reply, targets)
        assert round(await ours("f1", {}, reply, targets), 2) == CLOSE(wanted), (reply, targets)


@pytest.mark.parametrize("right", "ABCD")
async def test_a_chosen_letter_is_the_same(inspect: Inspect, right: str) -> None:
    choices = ["one", "two", "three", "four"]
    evaluator = opened("choice", {"rules": ["stated"]})
    for reply in LETTERED:
        wanted = await theirs(inspect, inspect.scorer.choice(), reply, right, choices)
        case = Case(id="1", input="", expected=right, choices=tuple(choices))
        verdict = await evaluator.evaluate(case, Reply(text=reply))
        assert isinstance(verdict, Scored)
        assert verdict.value == wanted, (reply, verdict)


@pytest.mark.parametrize(("target", "replies"), NUMBERED.items())
async def test_a_number_at_the_end_is_the_same(inspect: Inspect, target: str, replies: Sequence[str]) -> None:
    scorer = inspect.scorer.match(numeric=True)
    for reply in replies:
        case = Case(id="1", input="", expected=target)
        verdict = await opened("numeric", {"extract": {"otherwise": "nothing"}}).evaluate(case, Reply(text=reply))
        assert isinstance(verdict, Scored)
        assert verdict.value == await theirs(inspect, scorer, reply, [target]), (reply, verdict)


def sample_scores(inspect: Inspect, values: Floats, cases: Integers) -> list[Any]:
    scorer = inspect.scorer
    return [
        scorer.SampleScore(score=scorer.Score(value=float(value)), sample_id=at, sample_metadata={"case": int(case)})
        for at, (value, case) in enumerate(zip(values, cases, strict=True))
    ]


def drawn(seed: int, *, graded: bool) -> tuple[Floats, Integers]:
    """Scores of 40 cases, asked 1 to 4 times."""
    random = np.random.default_rng(seed)
    cases = np.repeat(np.arange(40), random.integers(1, 5, 40)).astype(np.int64)
    hard = random.random(40)[cases]
    values = np.round(random.beta(1 + hard, 2 - hard), 3) if graded else (random.random(len(cases)) < hard)
    return np.asarray(values, dtype=np.float64), cases


@pytest.mark.parametrize("graded", [False, True])
@pytest.mark.parametrize("seed", range(5))
def test_means_and_their_errors_are_the_same(inspect: Inspect, seed: int, graded: bool) -> None:
    values, cases = drawn(seed, graded=graded)
    scorer, scores = inspect.scorer, sample_scores(inspect, values, cases)
    metrics = summarize(columns_of([Row(int(case), value) for value, case in zip(values, cases, strict=True)]))
    assert isinstance(metrics.score, Mean)
    assert metrics.score.value == CLOSE(scorer.mean()(scores))
    assert clustered_mean(values, cases).standard_error == CLOSE(scorer.stderr(cluster="case")(scores))
    interval = scorer.ci(cluster="case")(scores)
    assert clustered_mean(values, cases).interval() == (CLOSE(interval["lower"]), CLOSE(interval["upper"]))
    if graded:
        assert (metrics.score.low, metrics.score.high) == (CLOSE(interval["lower"]), CLOSE(interval["upper"]))
    apart = clustered_mean(values, np.arange(len(values)))
    assert apart.standard_error == CLOSE(scorer.stderr()(scores))
    assert apart.standard_error == CLOSE(scorer.std()(scores) / len(values) ** 0.5)
    assert apart.standard_error == CLOSE((scorer.var()(scores) / len(values)) ** 0.5)
    np.random.seed(seed)
    assert apart.standard_error == pytest.approx(scorer.bootstrap_stderr(num_samples=2000)(scores), rel=0.1)
    if not graded:
        assert isinstance(metrics.accuracy, Proportion)
        assert metrics.accuracy.value == CLOSE(scorer.accuracy()(scores))
        assert (metrics.score.low, metrics.score.high) == (metrics.accuracy.low, metrics.accuracy.high)


def test_the_interval_of_a_share_is_the_same(inspect: Inspect) -> None:
    for right, n in ((0, 5), (1, 7), (50, 90), (9, 9)):
        values = np.array([1.0] * right + [0.0] * (n - right))
        wanted = inspect.scorer.ci_wilson()(sample_scores(inspect, values, np.arange(n)))
        metrics = summarize(columns_of([Row(at, value) for at, value in enumerate(values)]))
        assert metrics.accuracy is not None
        assert (metrics.accuracy.low, metrics.accuracy.high) == (CLOSE(wanted["lower"]), CLOSE(wanted["upper"]))


def test_categories_are_the_same(inspect: Inspect) -> None:
    values, cases = drawn(9, graded=False)
    scorer, scores = inspect.scorer, sample_scores(inspect, values, cases)
    for score in scores:
        score.sample_metadata["category"] = f"category {score.sample_metadata['case'] % 3}"
    rows = [Row(int(case), value, category=f"category {case % 3}") for value, case in zip(values, cases, strict=True)]
    found = summarize(columns_of(rows)).category_scores
    wanted = scorer.grouped(scorer.accuracy(), "category", all=False)(scores)
    assert {name: each.accuracy.value for name, each in found.items() if each.accuracy} == CLOSE(wanted)


@pytest.mark.parametrize("k", [1, 2, 3, 4])
def test_chances_over_trials_are_the_same(inspect: Inspect, k: int) -> None:
    values, cases = drawn(3, graded=False)
    scorer = inspect.scorer
    rows = [Row(int(case), value, trial=at) for at, (value, case) in enumerate(zip(values, cases, strict=True))]
    found = summarize(columns_of(rows)).trials
    assert found is not None
    trials = [[scorer.Score(value=float(value)) for value in values[cases == case]] for case in range(40)]
    for name, reducer in (("pass_at_k", scorer.pass_at(k)), ("pass_hat_k", scorer.pass_k(k))):
        reduced = [reducer(scores).value for scores in trials]
        assert getattr(found, name)[k] == CLOSE(float(np.nanmean(reduced)))
    means = [scorer.mean_score()(scores).value for scores in trials]
    assert found.mean_of_means.value == CLOSE(float(np.mean(means)))
