"""The judge at work: what is asked, how votes become a verdict, and what happens to those that never come."""

import asyncio
from typing import Any

import pytest

from core.benchmarks import Evaluation
from core.cases import Case, Reply
from core.errors import AgentUnusable, BadAnswer, CannotJudge, InvalidPlugin, Throttled, Unavailable
from core.verdicts import Scored, Unscored
from evaluators.registry import InstalledEvaluators
from tests.evaluators.judge.panels import CASE, ScriptedAgents, ballots_of, judged, panel, prefers, says, spec, verdict

AWAY = Unavailable("The judge is not there.", retry_after=0.0)


def scored(found: Scored | Unscored) -> Scored:
    assert isinstance(found, Scored), found
    return found


def unscored(found: Scored | Unscored) -> Unscored:
    assert isinstance(found, Unscored), found
    return found


async def test_a_label_gives_its_score() -> None:
    found = scored(await judged(says("partly"), labels={"right": 1, "partly": 0.5, "wrong": 0}))
    assert (found.value, found.answer, found.reason) == (0.5, "partly", "Because.")


async def test_a_number_becomes_its_place_on_the_scale() -> None:
    assert scored(await judged(says(4), scale={"low": 1, "high": 5})).value == 0.75


async def test_what_the_judge_sees_is_the_rubric_the_question_and_the_answer() -> None:
    agents = ScriptedAgents(judge=says("correct"))
    await panel(agents, rubric="Only cities.", reference="expected").evaluate(CASE, Reply(text="It is Lyon."))
    [(_, question)] = agents.asked
    for shown in ("Only cities.", "What is the capital of France?", "It is Lyon.", "[[BEGIN REFERENCE"):
        assert shown in question.text
    assert [message.role for message in question.messages] == ["system", "user"]
    assert question.expected is None, "only simulators are told, and not by a judge"


async def test_every_ballot_is_kept_with_its_rationale_and_its_price() -> None:
    agents = ScriptedAgents(kind=says("correct"), strict=says("incorrect"))
    judges = [spec("kind"), spec("strict")]
    found = unscored(await panel(agents, judges=judges, repeats=2).evaluate(CASE, Reply(text="Paris")))
    assert [(b.judge, b.repeat, b.verdict, b.rationale, b.model) for b in ballots_of(found)] == [
        ("kind", 0, "correct", "Because.", "scripted-1"),
        ("kind", 1, "correct", "Because.", "scripted-1"),
        ("strict", 0, "incorrect", "Because.", "scripted-1"),
        ("strict", 1, "incorrect", "Because.", "scripted-1"),
    ]
    assert found.spent is not None
    assert (found.spent.calls, found.spent.input_tokens, found.spent.output_tokens) == (4, 40, 20)
    assert found.spent.cost_usd == pytest.approx(0.04)
    assert found.cause == "undecided"
    assert "do not agree" in found.reason


async def test_the_majority_decides_on_labels_and_the_mean_on_numbers() -> None:
    agents = ScriptedAgents(a=says("correct"), b=says("correct"), c=says("incorrect"))
    judges = [spec(name) for name in "abc"]
    assert scored(await panel(agents, judges=judges).evaluate(CASE, Reply(text="Paris"))).value == 1
    mean = scored(await panel(agents, judges=judges, combine="mean").evaluate(CASE, Reply(text="Paris")))
    assert mean.value == pytest.approx(2 / 3)
    agents = ScriptedAgents(a=says(1), b=says(2), c=says(4))
    found = scored(await panel(agents, judges=judges, scale={"low": 1, "high": 5}).evaluate(CASE, Reply(text="Paris")))
    assert found.value == pytest.approx(1 / 3)


async def test_a_pair_is_asked_in_both_orders() -> None:
    agents = ScriptedAgents(judge=prefers("Paris"))
    found = scored(await panel(agents, mode="pairwise", against="rival").evaluate(CASE, Reply(text="Paris")))
    assert (found.value, found.answer, len(agents.asked)) == (1, "answer", 2)
    beaten = scored(await panel(agents, mode="pairwise", against="expected").evaluate(CASE, Reply(text="Lyon")))
    assert (beaten.value, beaten.answer) == (0, "other")


async def test_an_opponents_answer_comes_with_the_reply_and_may_be_empty() -> None:
    agents = ScriptedAgents(judge=prefers("Paris"))
    beside = Reply(text="Lyon", metadata={"opponent": "Paris"})
    found = scored(await panel(agents, mode="pairwise", against="opponent").evaluate(CASE, beside))
    assert (found.value, found.answer) == (0, "other")
    silent = Reply(text="Paris", metadata={"opponent": ""})
    assert scored(await panel(agents, mode="pairwise", against="opponent").evaluate(CASE, silent)).value == 1
    with pytest.raises(CannotJudge, match="opponent"):
        await panel(agents, mode="pairwise", against="opponent").evaluate(CASE, Reply(text="Paris"))


async def test_a_reply_cannot_take_the_place_of_what_the_case_has() -> None:
    """What comes with a reply is somebody else's; only as an opponent it is looked at."""
    agents = ScriptedAgents(judge=prefers("Paris"))
    posing = Reply(text="Paris", metadata={"rival": "Paris, too", "opponent": "nothing"})
    found = scored(await panel(agents, mode="pairwise", against="rival").evaluate(CASE, posing))
    assert (found.value, found.answer) == (1, "answer")
    assert all("Lyon" in question.text for _, question in agents.asked)


async def test_a_judge_that_favours_a_place_calls_a_tie_or_abstains() -> None:
    tie = scored(await judged(says("first"), mode="pairwise", against="rival"))
    assert (tie.value, tie.answer, tie.details["flipped"]) == (0.5, "tie", 1)
    found = unscored(await judged(says("first"), mode="pairwise", against="rival", on_disagreement="abstain"))
    assert (found.cause, found.details["abstained"]) == ("undecided", 1)
    alone = scored(await judged(says("first"), mode="pairwise", against="rival", swap=False))
    assert alone.value == 1, "without the swap the place decides"


async def test_a_judge_that_abstains_gives_no_vote_and_no_zero() -> None:
    found = unscored(await judged(says("cannot_tell")))
    assert (found.cause, found.details["abstained"]) == ("undecided", 1)
    agents = ScriptedAgents(a=says("correct"), b=says("correct"), c=says("cannot_tell"))
    judges = [spec(name) for name in "abc"]
    assert scored(await panel(agents, judges=judges).evaluate(CASE, Reply(text="Paris"))).value == 1
    strict = await panel(agents, judges=judges, min_votes=3).evaluate(CASE, Reply(text="Paris"))
    assert "2 of 3 votes, 3 needed; 1 abstained." in unscored(strict).reason


async def test_a_reply_that_is_no_verdict_is_asked_for_again_with_another_mark() -> None:
    replies = iter(["Well, I think it is correct.", BadAnswer("Not JSON."), verdict("correct")])
    agents = ScriptedAgents(judge=lambda question: next(replies))
    found = scored(await panel(agents).evaluate(CASE, Reply(text="Paris")))
    assert found.value == 1
    assert found.spent is not None
    assert found.spent.calls == 3
    assert len({question.messages for _, question in agents.asked}) == 3


async def test_a_judge_that_never_gives_a_verdict_leaves_the_answer_unscored() -> None:
    agents = ScriptedAgents(judge=lambda question: "Hm.")
    found = unscored(await panel(agents, tries=4).evaluate(CASE, Reply(text="Paris")))
    assert (found.cause, len(agents.asked)) == ("judge", 4)
    assert "no JSON object with a `verdict`" in found.reason
    assert [ballot.raw for ballot in ballots_of(found)] == ["Hm."]


async def test_a_throttled_judge_is_asked_again_after_the_pause_it_asks_for() -> None:
    replies = iter([Throttled("Slow down.", retry_after=0.05), verdict("correct")])
    agents = ScriptedAgents(judge=lambda question: next(replies))
    began = asyncio.get_running_loop().time()
    judge = panel(agents, judges=[spec(max_attempts=2)])
    assert scored(await judge.evaluate(CASE, Reply(text="Paris"))).value == 1
    assert asyncio.get_running_loop().time() - began >= 0.05


async def test_a_judge_that_is_away_leaves_the_answer_for_later() -> None:
    found = unscored(await judged(lambda question: AWAY))
    assert (found.cause, found.reason) == (
        "judge",
        "0 of 1 votes, 1 needed; 0 abstained. The judge 'judge' is away: The judge is not there.",
    )
    agents = ScriptedAgents(a=says("correct"), b=says("correct"), c=lambda question: AWAY)
    present = panel(agents, judges=[spec(name) for name in "abc"])
    assert scored(await present.evaluate(CASE, Reply(text="Paris"))).details["missing"] == 1


async def test_a_judge_that_can_never_be_asked_is_asked_once() -> None:
    agents = ScriptedAgents(judge=lambda question: AgentUnusable("The key is wrong."))
    judge = panel(agents)
    for _ in range(5):
        assert "cannot be asked: The key is wrong." in unscored(await judge.evaluate(CASE, Reply(text="x"))).reason
    assert len(agents.asked) == 1


async def test_a_judge_that_never_replies_is_given_up_after_ten_questions() -> None:
    agents = ScriptedAgents(judge=lambda question: AWAY)
    judge = panel(agents)
    for _ in range(30):
        assert unscored(await judge.evaluate(CASE, Reply(text="x"))).cause == "judge"
    assert len(agents.asked) == 10


@pytest.mark.parametrize(
    ("rule", "when", "asked"),
    [
        (Scored(value=1, answer="Paris"), "undecided", False),
        (Scored(value=0), "undecided", False),
        (Unscored(reason="No expected answer."), "undecided", True),
        (Scored(value=1), "not_right", False),
        (Scored(value=0), "not_right", True),
        (Unscored(reason="No expected answer."), "not_right", True),
    ],
)
async def test_a_judge_is_asked_only_what_the_rule_left_open(rule: Scored | Unscored, when: str, asked: bool) -> None:
    agents = ScriptedAgents(judge=says("correct"))
    found = scored(await panel(agents, after="exact", when=when).evaluate(CASE, Reply(text="x"), {"exact": rule}))
    assert bool(agents.asked) == asked
    assert found.value == (1 if asked else rule.value if isinstance(rule, Scored) else None)
    assert found.details.get("decided_by") == (None if asked else "exact")


@pytest.mark.parametrize(
    ("settings", "verdict_schema"),
    [
        ({}, {"type": "string", "enum": ["correct", "incorrect", "cannot_tell"]}),
        ({"scale": {"low": 1, "high": 3}}, {"type": ["integer", "string"], "enum": [1, 2, 3, "cannot_tell"]}),
        ({"scale": {"low": 0, "high": 1}, "may_abstain": False}, {"type": "integer", "enum": [0, 1]}),
        ({"mode": "pairwise"}, {"type": "string", "enum": ["first", "second", "tie", "cannot_tell"]}),
    ],
)
async def test_a_structured_judge_is_held_to_the_schema_of_its_verdict(
    settings: dict[str, Any], verdict_schema: dict[str, Any]
) -> None:
    agents = ScriptedAgents(judge=says(verdict_schema["enum"][0]))
    await panel(agents, structured=True, **settings).evaluate(CASE, Reply(text="Lyon"))
    schemas = [question.reply_schema for _, question in agents.asked]
    text = {"type": "string"}
    assert schemas[0] == {
        "type": "object",
        "properties": {"mark": text, "rationale": text, "verdict": verdict_schema},
        "required": ["mark", "rationale", "verdict"],
        "additionalProperties": False,
    }
    assert all(schema == schemas[0] for schema in schemas), "the same in every call, so that providers compile it once"
    free = ScriptedAgents(judge=says("correct"))
    await panel(free).evaluate(CASE, Reply(text="Lyon"))
    assert free.asked[0][1].reply_schema is None


@pytest.mark.parametrize("settings", [{"reference": "expected"}, {"mode": "pairwise"}, {"reference": "solution"}])
async def test_a_case_without_the_text_to_compare_with_cannot_be_judged(settings: dict[str, str]) -> None:
    with pytest.raises(CannotJudge, match="Case 'bare' has no"):
        await judged(says("correct"), case=Case(id="bare", input="?"), **settings)


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"judges": []}, "judges"),
        ({"judges": [spec("a"), spec("a")]}, "its own `name`"),
        ({"judges": [spec(agent={"kind": "nobody"})]}, "There is no kind 'nobody' in agents"),
        ({"judges": [spec(agent={"kind": "openai"})]}, "rejects its setting 'model'"),
        ({"judges": [spec(prompt={"template": "x"})]}, "comes from the `rubric`"),
        ({"mode": "pairwise", "scale": {}}, "no `scale`"),
        ({"labels": {"good": 1}}, "two or more"),
        ({"labels": {"good": 1, "bad": 2}}, "it must be at most 1"),
        ({"labels": {"good": 1, "bad": 0}, "scale": {}}, "not both"),
        ({"scale": {"low": 5, "high": 1}}, "`high` must be greater"),
        ({"min_votes": 2}, "more than the 1 votes"),
        ({"structured": True, "wordings": [{"label": "correct", "pattern": "yes"}]}, "give one of them"),
        ({"wordings": [{"label": "first", "pattern": "a"}]}, "the verdicts are correct, incorrect, cannot_tell"),
    ],
)
def test_settings_that_cannot_work_are_refused(settings: dict[str, object], said: str) -> None:
    with pytest.raises(InvalidPlugin, match=said.replace("(", r"\(")):
        panel(ScriptedAgents(), **settings)


@pytest.mark.parametrize(
    ("settings", "at_once"),
    [
        ({"judges": [spec(concurrency=8)]}, 9),
        ({"judges": [spec(concurrency=8)], "mode": "pairwise", "repeats": 2}, 3),
        ({"judges": [spec("a", concurrency=4), spec("b", concurrency=30)], "repeats": 5}, 7),
    ],
)
def test_so_many_answers_are_judged_at_once_as_keep_every_judge_busy(settings: dict[str, Any], at_once: int) -> None:
    assert panel(ScriptedAgents(), **settings).at_once == at_once
    inside = {"kind": "composite", "rule": "first", "of": [{"kind": "exact"}, {"kind": "judge", **settings}]}
    composite = InstalledEvaluators().open_one(Evaluation.model_validate(inside))
    assert (composite.connected, composite.at_once) == (True, at_once)
