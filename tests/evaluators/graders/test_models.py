"""Graders that ask a model: what it is asked, what counts as a grade, and what happens without one."""

import json
from typing import Any

import pytest

from core.benchmarks import Evaluation
from core.cases import Case, Reply
from core.errors import CannotJudge, InvalidPlugin, Unavailable
from core.ports import EvaluatorContext
from core.verdicts import Scored, Unscored
from evaluators.registry import InstalledEvaluators
from tests.evaluators.judge.panels import Script, ScriptedAgents

CASE = Case(id="case-1", input="?", metadata={"item": {"question": "Capital of France?", "right": "Paris"}})
MODEL = {"name": "grader", "max_attempts": 1, "agent": {"kind": "openai", "model": "small"}}
INPUT = [{"role": "system", "content": "Grade."}, {"role": "user", "content": "{{item.right}}: {{sample.output_text}}"}]
LABELS = {"kind": "label_model", "labels": ["Good", "bad"], "passing_labels": ["Good"]}
SCORES = {"kind": "score_model", "range": [1, 5], "pass_threshold": 4}


async def graded(agents: ScriptedAgents, settings: dict[str, Any], case: Case = CASE) -> Scored | Unscored:
    evaluation = Evaluation.model_validate({"model": MODEL, "input": INPUT, **settings})
    [evaluator] = InstalledEvaluators(EvaluatorContext(agents=agents)).open([evaluation])
    assert evaluator.connected
    return await evaluator.evaluate(case, Reply(text="It is Paris."))


async def test_a_grader_is_asked_what_its_messages_say_and_held_to_its_labels() -> None:
    agents = ScriptedAgents(grader=lambda _: json.dumps({"rationale": "Right.", "label": "good"}))
    found = await graded(agents, LABELS)
    assert isinstance(found, Scored)
    assert (found.value, found.answer, found.reason) == (1, "Good", "Right.")
    assert found.details["passed"] is True
    assert found.spent is not None
    assert (found.spent.calls, found.spent.input_tokens) == (1, 10)
    [(_, question)] = agents.asked
    assert [(each.role, each.content) for each in question.messages] == [
        ("system", "Grade."),
        ("user", "Paris: It is Paris."),
    ]
    assert question.reply_schema is not None
    properties: Any = question.reply_schema["properties"]
    assert properties["label"]["enum"] == ["Good", "bad"]


@pytest.mark.parametrize(
    ("said", "value", "passed", "score"),
    [('{"rationale": "-", "result": 4}', 0.75, True, 4), ("3", 0.5, False, 3), ('Sure: {"score": "5"}', 1, True, 5)],
)
async def test_a_score_has_its_place_in_the_range_and_keeps_its_number(
    said: str, value: float, passed: bool, score: float
) -> None:
    found = await graded(ScriptedAgents(grader=lambda _: said), SCORES)
    assert isinstance(found, Scored)
    assert (found.value, found.details["passed"], found.details["score"]) == (value, passed, score)


async def test_a_single_label_without_json_is_a_grade() -> None:
    found = await graded(ScriptedAgents(grader=lambda _: "Bad."), LABELS)
    assert isinstance(found, Scored)
    assert (found.value, found.answer) == (0, "bad")


@pytest.mark.parametrize(("settings", "said"), [(LABELS, "I cannot say."), (SCORES, "7"), (SCORES, '{"result": null}')])
async def test_what_is_no_grade_is_asked_for_again_and_then_left_unscored(settings: dict[str, Any], said: str) -> None:
    agents = ScriptedAgents(grader=lambda _: said)
    found = await graded(agents, settings)
    assert isinstance(found, Unscored)
    assert found.cause == "judge"
    assert "gave no grade but" in found.reason
    assert len(agents.asked) == 3
    assert found.spent is not None
    assert found.spent.calls == 3


async def test_a_grader_that_is_away_leaves_the_answer_unscored() -> None:
    away: Script = lambda _: Unavailable("Nobody is there.", retry_after=0.0)  # noqa: E731
    found = await graded(ScriptedAgents(grader=away), SCORES)
    assert isinstance(found, Unscored)
    assert found.cause == "judge"


async def test_a_row_without_what_the_messages_name_is_not_graded() -> None:
    with pytest.raises(CannotJudge, match=r"There is no item\.right here"):
        await graded(ScriptedAgents(grader=lambda _: "Good"), LABELS, Case(id="case-2", input="?"))


async def test_a_formula_joins_models_and_rules() -> None:
    model = {"model": MODEL, "input": INPUT, "kind": "score_model", "range": [0, 10]}
    rule = {"kind": "string_check", "operation": "like", "reference": "{{ item.right }}"}
    settings = {"kind": "multi", "graders": {"m": model, "r": rule}, "calculate_output": "m / 10 * r"}
    evaluation = Evaluation.model_validate(settings)
    agents = ScriptedAgents(grader=lambda _: "8")
    [evaluator] = InstalledEvaluators(EvaluatorContext(agents=agents)).open([evaluation])
    found = await evaluator.evaluate(CASE, Reply(text="It is Paris."))
    assert isinstance(found, Scored)
    assert (found.value, found.spent and found.spent.calls) == (0.8, 1)


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        (LABELS | {"model": MODEL, "input": INPUT, "passing_labels": ["fine"]}, "names 'fine', which is none of"),
        (SCORES | {"model": MODEL, "input": INPUT, "range": [1, 1]}, "has the lower number first"),
        ({"kind": "string_check", "input": "{{ row.x }}"}, "begins with `item` or `sample`"),
        ({"kind": "string_check", "input": "{{ item..x }}"}, "cannot be read at"),
        ({"kind": "multi", "graders": {"a": {"kind": "exact"}}, "calculate_output": "a"}, "it can be string_check"),
        ({"kind": "multi", "graders": {"a": {"kind": "string_check"}}, "calculate_output": "a + b"}, "names 'b'"),
        ({"kind": "multi", "graders": {"a": {"kind": "string_check"}}, "calculate_output": "a.b()"}, "a formula has"),
        ({"kind": "text_similarity", "evaluation_metric": "cosine"}, "go together"),
    ],
)
def test_settings_that_cannot_work_are_refused_with_what_would(settings: dict[str, Any], told: str) -> None:
    with pytest.raises(InvalidPlugin, match=told):
        InstalledEvaluators().open([Evaluation.model_validate(settings)])
