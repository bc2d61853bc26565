"""A judge beside people: the figures by hand, and those of a published judge on published labels."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from core.benchmarks import Evaluation
from core.calibrations import Calibration, CalibrationLevel, CalibrationRequest
from core.errors import InvalidPlugin
from core.verdicts import Spent, UnscoredCause
from evaluators.agreement import cohen_kappa, confusion
from evaluators.judge.ballots import Ballot, Order, counted, of_pair, votes_of
from evaluators.judge.calibration import JudgedText, calibration_report
from evaluators.judge.identity import identity_of, judge_settings, judges_in, shortfalls
from evaluators.judge.parsing import read_verdict
from evaluators.judge.settings import JudgeSettings
from evaluators.registry import version_of
from tests.evaluators.judge.panels import spec
from tests.evaluators.judge.test_recorded_judges import CHAIN_OF_THOUGHT, ORDERS, VANILLA, judge, recorded

PAIRWISE = JudgeSettings.model_validate({"judges": [spec()], "mode": "pairwise"})
SCALE = JudgeSettings.model_validate({"judges": [spec()], "scale": {"low": 1, "high": 3}})
NOW = datetime(2026, 11, 23, tzinfo=UTC)


PUBLISHED = [
    ("GPT-4/CoT", "natural", (94.5, 90, 91, 0.8160261651676206)),
    ("ChatGPT/Vanilla", "natural", (81.5, 67, 71, 0.4286840031520883)),
    ("ChatGPT/Vanilla", "adv_manual", (34.78260869565217, 5, 24, 0.21671826625387003)),
]


def ballot(verdict: str | None, order: Order = "as_given") -> Ballot:
    return Ballot(
        judge="judge", repeat=0, order=order, verdict=verdict, spent=Spent(calls=1, input_tokens=10), model="m"
    )


def text(
    people: str, value: float | None, *, cause: UnscoredCause | None = None, length: int = 5, other: int | None = None
) -> JudgedText:
    return JudgedText(tuple(people.split()), value, cause, (ballot(None),), length, other)


def pair(people: str, given: str, swapped: str, *, length: int = 5, other: int = 5) -> JudgedText:
    ballots = [ballot(given), ballot(swapped, "swapped")]
    return JudgedText(
        (people,), counted(votes_of(ballots, PAIRWISE), PAIRWISE).value, None, tuple(ballots), length, other
    )


def test_agreement_is_over_texts_that_people_and_the_judge_decided() -> None:
    texts = [
        text("3 3 1", 1.0),
        text("1 1 2", 0.5),
        text("2 2 2", 0.5),
        text("1 2 3", 0.0),
        text("1 1 1", None, cause="judge"),
        text("1 1 1", None, cause="undecided"),
    ]
    report = calibration_report(texts, SCALE)
    assert (report.items, report.split, report.judged, report.missing, report.abstained) == (5, 1, 3, 1, 1)
    assert report.agreement is not None
    assert (report.agreement.successes, report.agreement.n) == (2, 3)
    assert report.labels == ("1", "2", "3")
    assert report.confusion == {
        "1": {"1": 0, "2": 1, "3": 0},
        "2": {"1": 0, "2": 1, "3": 0},
        "3": {"1": 0, "2": 0, "3": 1},
    }
    assert report.kappa is not None
    assert report.weighted_kappa is not None
    assert report.weighted_kappa.value > report.kappa.value, "one step beside is half a hit"
    assert report.people_kappa is not None
    assert report.joint_kappa is not None
    assert (report.spent.calls, report.spent.input_tokens, report.models) == (6, 60, ("m",))


def test_position_bias_says_which_place_is_favoured() -> None:
    texts = [
        pair("answer", "answer", "answer"),
        pair("answer", "answer", "other"),
        pair("other", "answer", "other"),
        pair("other", "other", "answer"),
        pair("other", "tie", "tie"),
        pair("other", "cannot_tell", "other"),
    ]
    position = calibration_report(texts, PAIRWISE).position
    assert position is not None
    assert (position.stable.successes, position.stable.n, position.first, position.second) == (2, 5, 2, 1)


def test_length_bias_is_what_the_judge_likes_beyond_people() -> None:
    fair = [pair("answer", "answer", "answer", length=9), pair("other", "other", "other", length=9)] * 20
    partial = [pair("answer", "answer", "answer", length=9), pair("other", "answer", "answer", length=9)] * 20
    unbiased, biased = (calibration_report(texts, PAIRWISE).length for texts in (fair, partial))
    assert unbiased is not None
    assert biased is not None
    assert (unbiased.difference, biased.difference) == (0.0, 0.5)
    assert biased.low > 0, "told with its interval"
    assert biased.judge_prefers_longer.value == 1


def test_length_correlation_is_spearmans_of_the_excess() -> None:
    texts = [text("2", 0.0, length=1), text("2", 0.5, length=20), text("2", 1.0, length=300), text("1", 0.5, length=50)]
    found = calibration_report(texts, SCALE).length_correlation
    assert found is not None
    # Ranks of length 1, 2, 4, 3 beside ranks of excess 1, 2, 3.5, 3.5.
    assert found.value == pytest.approx(0.948683298, abs=1e-9)


def test_a_judge_of_nothing_has_no_figures() -> None:
    report = calibration_report([text("1 2", None, cause="judge")], SCALE)
    assert (report.items, report.agreement, report.kappa, report.position, report.length) == (0, None, None, None, None)


@pytest.mark.parametrize(("evaluator", "file", "published"), PUBLISHED)
def test_a_published_judge_gets_its_published_figures(
    shared_folder: Path, evaluator: str, file: str, published: tuple[float, int, int, float]
) -> None:
    """LLMBar's statistics of its judges: right on average over both orders, right in both, the same winner in both, and
    Cohen's kappa of one order with the other."""
    settings = judge(CHAIN_OF_THOUGHT if evaluator.endswith("CoT") else VANILLA, "last")
    subset = {"natural": "Natural", "adv_manual": "Adversarial/Manual"}[file]
    rows = [row for row in recorded(shared_folder, evaluator) if row["subset"] == subset]
    pairs = json.loads((shared_folder / f"datasets/llmbar/{file}.json").read_text())
    texts = [_recorded(row, pairs[row["idx"]], settings) for row in rows]
    report = calibration_report(texts, settings)
    assert report.position is not None
    assert report.agreement is not None
    orders = [[ballot.verdict or "" for ballot in text.ballots] for text in texts]
    average = 100 * sum(verdict == text.people[0] for text in texts for verdict in _verdicts(text)) / len(texts) / 2
    kappa = cohen_kappa(confusion([one for one, _ in orders], [two for _, two in orders], ("answer", "other")))
    assert kappa is not None
    found = (average, report.agreement.successes, report.position.stable.successes, kappa.value)
    assert found == pytest.approx(published, abs=1e-9)
    assert report.items == len(rows) == report.judged, (
        "a judge that changes its mind has called a tie: a verdict, no hit"
    )


def _verdicts(text: JudgedText) -> list[str | None]:
    return [ballot.verdict for ballot in text.ballots]


def _recorded(row: dict[str, Any], pair: dict[str, Any], settings: JudgeSettings) -> JudgedText:
    ballots = tuple(
        ballot(of_pair(read_verdict(one["completion"][0], settings, mark="").verdict, ORDERS[name]), ORDERS[name])
        for name, one in row["result"].items()
    )
    value = counted(votes_of(ballots, settings), settings).value
    people = ("answer" if row["label"] == 1 else "other",)
    return JudgedText(people, value, None, ballots, len(pair["output_1"]), len(pair["output_2"]))


def evaluation(**settings: Any) -> Evaluation:
    judges = [spec(agent={"kind": "openai", "model": "gpt-5-mini"}, **settings.pop("judge", {}))]
    return Evaluation.model_validate({"kind": "judge", "judges": judges, **settings})


def test_a_judge_is_who_judges_by_which_words_and_not_how_fast() -> None:
    same = identity_of(evaluation()).digest
    assert identity_of(evaluation(judge={"name": "other", "concurrency": 3, "timeout_s": 5})).digest == same
    assert identity_of(evaluation(after="exact", name="mine")).digest == same
    changes: list[dict[str, Any]] = [{"rubric": "No."}, {"repeats": 3}, {"scale": {}}, {"reference": "x"}, {"tries": 1}]
    for change in changes:
        assert identity_of(evaluation(**change)).digest != same, change
    with pytest.raises(InvalidPlugin, match="Only evaluators of kind 'judge'"):
        judge_settings(Evaluation(kind="exact"))


def test_verdicts_of_a_judge_that_may_be_asked_faster_stay_comparable() -> None:
    same = version_of(evaluation())
    assert version_of(evaluation(judge={"concurrency": 99, "timeout_s": 9, "max_attempts": 2})) == same
    assert version_of(evaluation(rubric="Be strict.")) != same
    assert version_of(evaluation(after="exact")) != same, "what was not judged is another verdict"


def test_a_gate_may_demand_a_calibrated_judge() -> None:
    texts = [text("3 3 3", 1.0), text("1 1 1", 0.0), text("2 2 2", 0.5)] * 20
    made = Calibration(
        calibration_id="cal_1",
        run_id="run_01jnx0000000000000000000aa",
        status="completed",
        identity=identity_of(evaluation()),
        request=CalibrationRequest.model_validate(
            {
                "name": "c",
                "judge": evaluation().model_dump(),
                "dataset": {"source": {"kind": "inline"}},
                "answer": "a",
                "people": ["p"],
            }
        ),
        report=(report := calibration_report(texts, SCALE)),
        created_at=NOW - timedelta(days=10),
    )
    level = CalibrationLevel(min_kappa=0.8, max_age_days=30)
    assert shortfalls(evaluation(name="mine"), [made], level, now=NOW) == ()
    [never] = shortfalls(evaluation(rubric="Another."), [made], level, now=NOW)
    assert "was never calibrated" in never
    strict = CalibrationLevel(min_judged=61, max_age_days=5)
    few, old = shortfalls(evaluation(), [made], strict, now=NOW)
    assert "60 verdicts; 61 are wanted" in few
    assert "older than 5 days" in old
    unlike = made.model_copy(update={"report": calibration_report([text("3", 0.0), text("1", 0.5)] * 40, SCALE)})
    [low] = shortfalls(evaluation(), [unlike], level, now=NOW)
    assert "0.80 is wanted" in low
    assert shortfalls(evaluation(), [unlike, made], level, now=NOW) == (), "one good calibration is enough"
    dated = made.model_copy(update={"report": report.model_copy(update={"models": ("m-2026-01", "m-2026-02")})})
    assert shortfalls(evaluation(), [dated], level, now=NOW, served={"m-2026-02"}) == ()
    [drifted] = shortfalls(evaluation(), [dated], level, now=NOW, served={"m-2026-02", "m-2026-11"})
    assert "was of m-2026-01, m-2026-02, and here m-2026-11 served the judge: it has drifted" in drifted
    relaxed = level.model_copy(update={"same_models": False})
    assert shortfalls(evaluation(), [dated], relaxed, now=NOW, served={"m-2026-11"}) == ()
    mute = made.model_copy(update={"report": report.model_copy(update={"models": ()})})
    assert shortfalls(evaluation(), [mute], level, now=NOW, served={"m-2026-11"}) == (), "nobody said who judged then"


def test_judges_are_found_inside_other_evaluators() -> None:
    inside = {"kind": "composite", "rule": "first", "of": [{"kind": "exact"}, evaluation(name="within").model_dump()]}
    given = [Evaluation(kind="exact"), evaluation(name="alone"), Evaluation.model_validate(inside)]
    found = judges_in(given)
    assert [each.label for each in found] == ["alone", "within"]
    assert len({identity_of(each).digest for each in found}) == 1
