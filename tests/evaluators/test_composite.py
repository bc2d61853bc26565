"""Evaluators made of others: what is asked, what it costs, and how their versions and mistakes are told."""

from typing import Any

import pytest

from core.benchmarks import Evaluation
from core.cases import Case, Reply
from core.errors import CannotJudge, InvalidPlugin
from core.ports import NamedEvaluator
from core.verdicts import NOTHING_EARLIER, Earlier, Scored, Spent, Unscored
from evaluators.composite import Composite, CompositeSettings
from evaluators.registry import InstalledEvaluators, version_of

CASE, REPLY = Case(id="1", input="?"), Reply(text="!")


class Scripted:
    """Says what it is told to say, and counts how often it is asked."""

    def __init__(self, verdict: Scored | Unscored) -> None:
        self.verdict = verdict
        self.asked = 0

    async def evaluate(self, case: Case, reply: Reply, earlier: Earlier = NOTHING_EARLIER) -> Scored | Unscored:
        self.asked += 1
        return self.verdict


def composite(rule: str, *members: Scripted, **settings: Any) -> Composite:
    kinds = [{"kind": "exact", "name": f"member {at}"} for at, _ in enumerate(members)]
    named = [NamedEvaluator(f"member {at}", "1", member.evaluate) for at, member in enumerate(members)]
    return Composite(CompositeSettings.model_validate({"rule": rule, "of": kinds, **settings}), named)


@pytest.mark.parametrize(("rule", "value"), [("all", 0.0), ("any", 1.0), ("first", 0.5)])
async def test_members_behind_a_settled_verdict_are_not_asked(rule: str, value: float) -> None:
    first, judge = Scripted(Scored(value=value)), Scripted(Scored(value=1))
    verdict = await composite(rule, first, judge).evaluate(CASE, REPLY)
    assert isinstance(verdict, Scored)
    assert verdict.value == value
    assert (first.asked, judge.asked) == (1, 0)


async def test_what_the_members_cost_is_added_up() -> None:
    cheap = Scripted(Scored(value=1, spent=Spent(calls=1, input_tokens=10, output_tokens=2, cost_usd=0.25)))
    dear = Scripted(Unscored(reason="no", spent=Spent(calls=2, input_tokens=5, output_tokens=None, cost_usd=0.5)))
    verdict = await composite("all", Scripted(Scored(value=1)), cheap, dear).evaluate(CASE, REPLY)
    assert verdict.spent == Spent(calls=3, input_tokens=15, output_tokens=2, cost_usd=0.75)


async def test_an_unscored_composite_tells_the_cause_of_the_first_member_that_gave_up() -> None:
    away = Scripted(Unscored(reason="The judge is away.", cause="judge"))
    verdict = await composite("any", Scripted(Scored(value=0)), away).evaluate(CASE, REPLY)
    assert isinstance(verdict, Unscored)
    assert (verdict.cause, verdict.reason) == ("judge", "member 1: The judge is away.")
    assert verdict.details["members"] == {
        "member 0": {"value": 0.0},
        "member 1": {"reason": "The judge is away.", "cause": "judge"},
    }


def spec(**settings: Any) -> Evaluation:
    return Evaluation.model_validate({"kind": "composite", "rule": "all", **settings})


def test_the_version_changes_with_the_versions_of_the_members() -> None:
    assert version_of(spec(of=[{"kind": "exact"}])).endswith("(exact=1)")
    inner = {"kind": "composite", "name": "inner", "rule": "any", "of": [{"kind": "f1"}, {"kind": "exact"}]}
    assert version_of(spec(of=[inner, {"kind": "json"}])).endswith("(f1=1, exact=1), json=1)")


@pytest.mark.parametrize(
    ("members", "pointer", "message"),
    [
        ([{"kind": "exakt"}], "/evaluators/0/of/0", "There is no kind 'exakt' in evaluators; installed"),
        ([{"kind": "exact"}, {"kind": "exact"}], "/evaluators/0", "two members share the name 'exact'"),
        ([{"kind": "exact"}, {"kind": "length"}], "/evaluators/0/of/1", "give `min`, `max` or both"),
        ([{"kind": "exact", "weight": 0}], "/evaluators/0/of/0/weight", "more than 0"),
        ([], "/evaluators/0/of", "at least one entry"),
    ],
)
def test_a_member_that_cannot_work_is_refused_where_it_stands(
    members: list[dict[str, Any]], pointer: str, message: str
) -> None:
    with pytest.raises(InvalidPlugin, match=message) as refused:
        InstalledEvaluators().open([spec(of=members)])
    assert refused.value.pointer == pointer


def test_composites_are_nested_only_so_deep_and_so_wide() -> None:
    deep: dict[str, Any] = {"kind": "exact"}
    for _ in range(6):
        deep = {"kind": "composite", "rule": "all", "of": [deep]}
    inner = [{"kind": "composite", "name": f"c{n}", "rule": "all", "of": [{"kind": "exact"}] * 20} for n in range(20)]
    wide = {"kind": "composite", "rule": "all", "of": [{"kind": "composite", "rule": "all", "of": inner}]}
    for nested in (deep, wide):
        with pytest.raises(InvalidPlugin, match="nested 4 deep and hold 50 evaluators"):
            InstalledEvaluators().open([Evaluation.model_validate(nested)])


async def test_a_composite_with_a_judge_inside_asks_others_and_cannot_judge_without_them() -> None:
    judge = {"kind": "judge", "judges": [{"name": "j", "agent": {"kind": "openai", "model": "m"}}], "rubric": "Good?"}
    opened = InstalledEvaluators().open([spec(of=[{"kind": "exact"}, judge])])[0]
    assert opened.connected
    with pytest.raises(CannotJudge, match="nobody to ask"):
        await opened.evaluate(CASE, REPLY)
