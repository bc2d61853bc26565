"""Gates: what passes, what fails, what cannot be told, and how seldom chance alone fails an agent."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
from pydantic import ValidationError

from core.gates import GatePolicy, GateVerdict, Judgement, RuleOutcome
from core.metrics import AgentMetrics
from core.runs import Run, RunAgent, Validity
from evaluators.gate import judge
from evaluators.gate_rules import Opponent
from evaluators.resources import Taken
from evaluators.statistics.arrays import Floats
from evaluators.summary import summarize
from tests.cli import examples
from tests.evaluators.cases import columns, scores, shares
from tests.evaluators.test_summary import Row, columns_of


def policy(**parts: Any) -> GatePolicy:
    return GatePolicy.model_validate({"name": "release", **parts})


def metrics(right: int, n: int, *, latency: float = 1.0, cost: float = 0.002) -> AgentMetrics:
    rows = [
        Row(case, float(case < right), category="even" if case % 2 == 0 else "odd", latency=latency, cost=cost)
        for case in range(n)
    ]
    return summarize(columns_of(rows))


def ran(
    found: AgentMetrics | None, *, name: str = "small", coverage: float = 1.0, validity: Validity = "valid"
) -> RunAgent:
    return RunAgent(agent_id=name, status="completed", metrics=found, coverage=coverage, validity=validity)


def run(*agents: RunAgent) -> Run:
    return examples.run("completed").model_copy(update={"agents": agents})


def judged(given: GatePolicy, agent: RunAgent, opponent: Opponent | None = None) -> Judgement:
    return judge(given, run(agent), {} if opponent is None else {agent.agent_id: opponent})


def opponent(before: Sequence[float], after: Sequence[float], **more: Any) -> Opponent:
    halves = {"even": range(0, len(before), 2), "odd": range(1, len(before), 2)}

    def made(means: Sequence[float]) -> Taken:
        return Taken(columns(scores(means), categories=halves), columns_of([]))

    return Opponent(ran(metrics(1, 2), name="before"), made(before), made(after), **more)


def held_against(before: Sequence[Row], after: Sequence[Row], **rule: Any) -> RuleOutcome:
    """A relative rule by a ratio, judged of agents with these answers."""

    def taken(rows: Sequence[Row]) -> Taken:
        cases = sorted({row.case for row in rows})
        return Taken(columns(scores([1.0] * len(cases)), ids=[str(case) for case in cases]), columns_of(rows))

    sides = Opponent(ran(summarize(columns_of(before)), name="before"), taken(before), taken(after))
    return judged(policy(relative=[rule]), ran(summarize(columns_of(after))), sides).rules[-1]


@pytest.mark.parametrize(("right", "verdict"), [(190, "passed"), (100, "failed"), (165, "inconclusive")])
def test_an_accuracy_passes_or_fails_with_its_whole_interval(right: int, verdict: GateVerdict) -> None:
    found = judged(policy(thresholds=[{"at_least": 0.8}]), ran(metrics(right, 200)))
    assert found.verdict == verdict
    [reason] = found.reasons or [found.rules[-1].reason]
    words = {"passed": "is at least", "failed": "is not at least", "inconclusive": "may or may not be at least"}
    assert f"{words[verdict]} 80.0%" in reason
    assert "95 % interval" in reason


def test_doubt_may_pass_where_the_policy_says_so() -> None:
    found = judged(policy(thresholds=[{"at_least": 0.8, "doubt": "passed"}]), ran(metrics(165, 200)))
    assert (found.verdict, found.reasons) == ("passed", ())
    assert judged(policy(thresholds=[{"at_least": 0.8, "doubt": "passed"}]), ran(metrics(100, 200))).verdict == "failed"


def test_figures_that_are_what_was_seen_are_held_against_their_bound_as_they_are() -> None:
    rules = [
        {"metric": "coverage", "at_least": 0.99},
        {"metric": "failed_share", "at_most": 0},
        {"metric": "cost_total_usd", "at_most": 0.01},
    ]
    found = judged(policy(thresholds=rules), ran(metrics(50, 100)))
    assert found.reasons == ("small: cost_total_usd $0.2 is not at most $0.01.",)
    assert [rule.verdict for rule in found.rules[2:]] == ["passed", "passed", "failed"]


@pytest.mark.parametrize(
    ("metric", "bounds"),
    [
        ("latency_mean_s", (2.0, 3.0)),
        ("cost_per_answer_usd", (0.001, 0.01)),
        ("output_tokens_per_answer", (5.0, 50.0)),
        ("consistency", (0.5, 0.9)),
        ("flip_rate", (0.1, 0.9)),
    ],
)
def test_an_estimate_from_one_case_is_certain_of_nothing(metric: str, bounds: tuple[float, float]) -> None:
    """However many trials it has."""
    rows = [Row(0, float(trial < 2), trial=trial, latency=1.0 + trial, received=10, cost=0.002) for trial in range(4)]
    agent = ran(summarize(columns_of(rows)))
    for bound in bounds:
        for side in ("at_least", "at_most"):
            rule = judged(policy(thresholds=[{"metric": metric, side: bound}]), agent).rules[-1]
            assert rule.verdict == "inconclusive", rule.reason
            assert "without bounds" in rule.reason


def test_categories_and_evaluators_have_rules_of_their_own() -> None:
    agent = ran(metrics(100, 200))
    assert judged(policy(thresholds=[{"category": "even", "at_least": 0.9}]), agent).verdict == "failed"
    assert judged(policy(thresholds=[{"evaluator": "first", "at_most": 0.9}]), agent).verdict == "passed"
    unknown = judged(policy(thresholds=[{"category": "moon", "at_least": 0.1, "doubt": "passed"}]), agent)
    assert unknown.verdict == "inconclusive"
    assert unknown.reasons == ("small: accuracy of category 'moon' is not known: the categories are even, odd.",)


@pytest.mark.parametrize(
    ("rule", "says"),
    [
        ({"at_least": 0.5}, "the scores are graded, and the metric `score` is their mean"),
        ({"at_least": 0.5, "evaluator": "psychic"}, "the evaluators are first, second"),
        ({"metric": "pass_hat_k", "k": 9, "at_least": 0.5}, "with these trials k may be 1, 2"),
        ({"metric": "cost_total_usd", "at_most": 1}, "nothing was recorded to tell it from"),
    ],
)
def test_a_figure_that_is_not_known_says_where_to_look(rule: dict[str, Any], says: str) -> None:
    graded = summarize(columns_of([Row(case, 0.5, trial=trial) for case in range(9) for trial in range(2)]))
    found = judged(policy(thresholds=[rule]), ran(graded))
    assert found.verdict == "inconclusive"
    assert says in found.reasons[0]
    score = judged(policy(thresholds=[{"metric": "score", "at_least": 0.1}]), ran(graded))
    assert score.verdict == "passed"


def test_too_little_to_judge_by_is_a_doubt_and_no_failure() -> None:
    low = policy(thresholds=[{"at_least": 0.1}], requires={"coverage": 0.9})
    found = judged(low, ran(metrics(100, 100), coverage=0.6, validity="partial"))
    assert found.verdict == "inconclusive"
    assert found.reasons == ("small: 60.0% of the questions were scored; the policy wants 90.0% to judge by.",)
    bad = judged(low, ran(metrics(0, 100), coverage=0.6, validity="partial"))
    assert (bad.verdict, bad.reasons) == (found.verdict, found.reasons), "six of ten answers cannot fail an agent"
    assert bad.rules[-1].verdict == "failed", "but they are told"
    strict = policy(thresholds=[{"at_least": 0.1}], requires={"coverage": 0, "validity": "valid"})
    assert judged(strict, ran(metrics(100, 100), coverage=0.98, validity="partial")).verdict == "inconclusive"
    assert judged(low, ran(None, coverage=0, validity="invalid")).verdict == "inconclusive"


def test_an_advisory_rule_is_told_and_decides_nothing() -> None:
    found = judged(policy(thresholds=[{"at_least": 0.9, "advisory": True}]), ran(metrics(10, 100)))
    assert found.verdict == "passed"
    assert found.rules[-1].verdict == "failed"


def test_the_best_tier_reached_is_told_and_the_last_must_be() -> None:
    tiers = [{"name": name, "thresholds": [{"at_least": least}]} for name, least in (("gold", 0.9), ("silver", 0.6))]
    silver = judged(policy(tiers=tiers), ran(metrics(160, 200)))
    assert (silver.verdict, silver.tiers) == ("passed", {"small": "silver"})
    none = judged(policy(tiers=tiers), ran(metrics(60, 200)))
    assert (none.verdict, none.tiers) == ("failed", {"small": None})
    assert judged(policy(tiers=tiers), ran(metrics(198, 200))).tiers == {"small": "gold"}


def test_every_agent_must_show_it() -> None:
    found = judge(
        policy(thresholds=[{"at_least": 0.5}]),
        run(ran(metrics(95, 100)), ran(metrics(5, 100), name="weak")),
        {},
    )
    assert found.verdict == "failed"
    assert [reason.partition(":")[0] for reason in found.reasons] == ["weak"]


def test_a_clear_decline_fails_and_one_within_the_margin_passes() -> None:
    agent, no_decline = ran(metrics(100, 200)), policy(relative=[{}])
    worse = judged(no_decline, agent, opponent(shares(160, 200), shares(100, 200)))
    assert worse.verdict == "failed"
    assert worse.reasons[0].startswith("small: accuracy changed by -30.0 points (95 % interval -")
    same = opponent(shares(160, 200), shares(160, 200))
    assert judged(no_decline, agent, same).verdict == "inconclusive", "equal answers are no proof of no decline at all"
    assert judged(policy(relative=[{"margin": 0.05}]), agent, same).verdict == "passed"
    assert judged(policy(relative=[{"doubt": "passed"}]), agent, same).verdict == "passed"


def test_a_category_that_declined_fails_by_itself() -> None:
    before, after = [1.0] * 100, [0.0 if case % 2 and case < 40 else 1.0 for case in range(100)]
    given = policy(relative=[{"category": "even", "margin": 0.1}, {"category": "odd", "margin": 0.1}])
    found = judged(given, ran(metrics(1, 2)), opponent(before, after))
    assert [rule.verdict for rule in found.rules[-2:]] == ["passed", "failed"]


def test_relative_rules_say_why_they_cannot_be_judged() -> None:
    agent, given = ran(metrics(1, 2)), policy(relative=[{"doubt": "passed"}])
    assert "There is no baseline" in judged(given, agent).reasons[0]
    other = opponent([1.0] * 9, [1.0] * 9, obstacles=("The runs asked different sets of cases.",))
    assert judged(given, agent, other).verdict == "inconclusive"
    assert "different sets of cases" in judged(given, agent, other).reasons[0]


TIMES = np.random.default_rng(0).lognormal(0, 0.5, 200)


def timed(times: Sequence[float] | Floats, *, cost: float = 0.002) -> list[Row]:
    return [
        Row(case, latency=seconds, received=100 * seconds, cost=cost * seconds) for case, seconds in enumerate(times)
    ]


@pytest.mark.parametrize(
    "metric",
    [
        "latency_mean_s",
        "latency_p50_s",
        "latency_p95_s",
        "cost_per_answer_usd",
        "cost_total_usd",
        "cost_per_correct_usd",
    ],
)
@pytest.mark.parametrize(("factor", "verdict"), [(0.8, "passed"), (3.0, "failed"), (1.52, "inconclusive")])
def test_costs_and_times_are_held_against_a_ratio_with_its_whole_interval(
    metric: str, factor: float, verdict: GateVerdict
) -> None:
    noise = np.random.default_rng(1).lognormal(0, 0.2, 200)
    found = held_against(timed(TIMES), timed(factor * noise * TIMES), metric=metric, ratio=1.5)
    assert found.verdict == verdict
    assert found.low is not None
    assert found.value is not None
    assert found.high is not None
    assert found.low < found.value < found.high
    assert found.value == pytest.approx(factor, rel=0.15)
    words = {"passed": "it is not more", "failed": "it is more", "inconclusive": "it may or may not be more"}
    assert f"% interval {found.low:.3g} to {found.high:.3g}): {words[verdict]} than 1.5 times" in found.reason


def test_a_few_answers_do_not_tell_of_a_high_percentile() -> None:
    found = held_against(timed([1.0, 1.1, 1.0]), timed([5.0, 5.1, 5.2]), metric="latency_p95_s", ratio=1.5)
    assert found.verdict == "inconclusive"
    assert "interval ? to ?" in found.reason
    few = judged(
        policy(thresholds=[{"metric": "latency_p95_s", "at_most": 2}]), ran(summarize(columns_of(timed(TIMES[:20]))))
    )
    assert few.verdict == "inconclusive"
    assert "(95 % interval from " in few.reasons[0]


def test_only_cases_that_both_sides_answered_count_for_a_ratio() -> None:
    """The candidate was asked a hundred long questions more."""
    before, after = timed(TIMES[:100]), timed(np.r_[TIMES[:100], 50 * TIMES[100:]])
    found = held_against(before, after, metric="latency_p50_s", ratio=1.4)
    assert found.value == pytest.approx(1)
    assert found.verdict == "passed"


def test_failures_are_held_against_a_ratio_by_their_shares() -> None:
    def failing(count: int) -> list[Row]:
        return [Row(case, cause="timeout" if case < count else None) for case in range(400)]

    for count, verdict in ((16, "inconclusive"), (100, "failed"), (2, "passed")):
        assert held_against(failing(20), failing(count), metric="failed_share", ratio=1).verdict == verdict
    assert held_against(failing(0), failing(0), metric="failed_share", ratio=1).verdict == "passed"
    assert "use a threshold" in held_against(failing(0), failing(9), metric="failed_share", ratio=2).reason


def test_how_steady_trials_are_is_compared_case_by_case() -> None:
    def tried(steady: int) -> list[Row]:
        return [Row(case, float(trial < 2 or case < steady), trial=trial) for case in range(60) for trial in range(4)]

    assert held_against(tried(50), tried(10), metric="flip_rate", ratio=1.5).verdict == "failed"
    assert held_against(tried(10), tried(50), metric="flip_rate", ratio=1).verdict == "passed"


def test_of_consistency_and_coverage_more_is_better_and_a_ratio_bounds_them_from_below() -> None:
    def tried(steady: int, failed: int = 0) -> list[Row]:
        return [
            Row(case, float(trial < 2 or case < steady), trial=trial, cause="timeout" if case < failed else None)
            for case in range(60)
            for trial in range(4)
        ]

    assert held_against(tried(30), tried(30), metric="consistency", ratio=0.9).verdict == "passed"
    assert held_against(tried(30), tried(58), metric="consistency", ratio=1.1).verdict == "passed"
    unsteady = held_against(tried(55), tried(2), metric="consistency", ratio=0.95)
    assert (unsteady.verdict, unsteady.rule) == ("failed", "consistency at least 0.95 times the baseline's")
    assert "it is less than 0.95 times the baseline's" in unsteady.reason
    assert held_against(tried(60), tried(60, failed=30), metric="coverage", ratio=0.9).verdict == "failed"
    assert held_against(tried(60, failed=30), tried(60), metric="coverage", ratio=0.9).verdict == "passed"


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({}, "a policy needs"),
        ({"thresholds": [{"at_least": 0.5, "at_most": 0.9}]}, "either `at_least` or `at_most`"),
        ({"thresholds": [{"metric": "pass_hat_k", "at_least": 0.5}]}, "`k` goes with"),
        ({"thresholds": [{"metric": "latency_p95_s", "at_most": 1, "category": "a"}]}, "go with the metrics"),
        ({"relative": [{"metric": "latency_p95_s"}]}, "`ratio` with every other metric"),
        ({"relative": [{"ratio": 2}]}, "`margin` goes with"),
        ({"relative": [{"margni": 2}]}, "Extra inputs"),
    ],
)
def test_a_policy_that_means_nothing_is_refused(wrong: dict[str, Any], says: str) -> None:
    with pytest.raises(ValidationError, match=says):
        policy(**wrong)


def test_a_judge_that_was_never_held_against_people_makes_a_doubt() -> None:
    wanted = policy(thresholds=[{"at_least": 0.8}], requires={"judges": {"min_kappa": 0.7}})
    agent = ran(metrics(190, 200))
    doubted = judge(wanted, run(agent), {}, shortfalls={"fair": (), "unknown": ("It was never calibrated.",)})
    assert (doubted.verdict, doubted.reasons) == ("inconclusive", ("small: It was never calibrated.",))
    assert [rule.verdict for rule in doubted.rules if "calibrated to a kappa of 0.7" in rule.rule] == [
        "passed",
        "inconclusive",
    ]
    assert judge(wanted, run(agent), {}, shortfalls={"fair": ()}).verdict == "passed"
    assert judge(wanted, run(ran(metrics(10, 200))), {}, shortfalls={"unknown": ("No.",)}).verdict == "failed"
