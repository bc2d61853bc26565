"""promptfoo's assertions as evaluators, with what each case wants of them in columns of the data."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, NamedTuple, cast

from adapters.imports.names import named
from adapters.imports.promptfoo_providers import agent_settings
from adapters.imports.remarks import Remarks

AS_IT_IS: Final = {"drop_thinking": False, "drop_emphasis": False}
JUDGE: Final = "openai:gpt-5-mini"
EMBEDDINGS: Final = "text-embedding-3-small"
CRITERION: Final = (
    "The reference is no answer but a criterion. The answer is correct if, and only if, it meets the criterion."
)
FACTS: Final = (
    "The answer is correct if all that it states agrees with the reference, be it shorter or longer than the reference."
)
SAYING: Final = frozenset({"want_equals", "want_contains", "want_icontains", "want_starts_with"})
"""Columns of assertions that want the answer to say something."""
CARRIED: Final = frozenset({"type", "value", "threshold", "provider", "metric"})


@dataclass(frozen=True)
class Judging:
    evaluators: tuple[Mapping[str, Any], ...]
    values: Mapping[str, Any]
    """By column."""

    @property
    def shape(self) -> str:
        """Equal for tests that one benchmark can hold."""
        return json.dumps([self.evaluators, list(self.values)], sort_keys=True, default=str)

    @property
    def expected(self) -> str | None:
        """The one text that a right answer has, if that is all that is wanted of its words."""
        lists = [(column, cast("list[str]", value)) for column, value in self.values.items() if isinstance(value, list)]
        if len(lists) != 1:
            return None
        [(column, texts)] = lists
        return texts[0] if column in SAYING and len(texts) == 1 else None


class Made(NamedTuple):
    evaluator: dict[str, Any]
    value: Any = None
    """What this case wants, if it is not in the evaluator."""


Make = Callable[[Mapping[str, Any], str], Made | None]
"""From the assertion and its column; None where it cannot be made of what is given."""


def judging_of(assertions: Sequence[Mapping[str, Any]], where: str, remarks: Remarks) -> Judging | None:
    """None where nothing of it can be carried over."""
    evaluators: list[dict[str, Any]] = []
    values: dict[str, Any] = {}
    for assertion in _flat(assertions, where, remarks):
        kind = str(assertion.get("type"))
        label = _free(named(kind, "assertion"), [each["name"] for each in evaluators])
        column = f"want_{label}".replace("-", "_").replace(" ", "_")
        made = _made(kind, assertion, column)
        if made is None:
            remarks.add(f"{where}: {_refusal(kind)}")
            continue
        _tell_rest(assertion, kind, where, remarks)
        evaluators.append({**made.evaluator, "name": label})
        if made.value is not None:
            values[column] = made.value
    if not evaluators:
        remarks.add(f"{where} was left out: nothing of it can be judged here.")
        return None
    if len(evaluators) > 1:
        # As in promptfoo, all of them must hold; each is told beside it.
        every = {
            "kind": "composite",
            "name": "all assertions",
            "rule": "all",
            "of": [dict(each) for each in evaluators],
        }
        rules = [each for each in evaluators if each["kind"] not in ("judge", "similarity")]
        return Judging((every, *rules), values)
    return Judging(tuple(evaluators), values)


def _flat(assertions: Sequence[Mapping[str, Any]], where: str, remarks: Remarks) -> list[Mapping[str, Any]]:
    found: list[Mapping[str, Any]] = []
    for each in assertions:
        if each.get("type") == "assert-set":
            remarks.add(f"{where}: of `assert-set` all assertions must hold here, whatever its threshold.")
            found += _flat(cast("list[Mapping[str, Any]]", each.get("assert") or []), where, remarks)
        else:
            found.append(each)
    return found


def _free(label: str, taken: Sequence[str]) -> str:
    number = sum(1 for each in taken if each == label or each.startswith(f"{label} "))
    return f"{label} {number + 1}" if number else label


def _refusal(kind: str) -> str:
    if kind.removeprefix("not-") in ("javascript", "python", "ruby", "webhook"):
        return (
            f"`{kind}` runs code, which is not carried over and was left out: an evaluator of your own can take its "
            "place (README, Your own evaluator)."
        )
    return f"`{kind}` has no counterpart here, or not with what is given, and was left out."


def _tell_rest(assertion: Mapping[str, Any], kind: str, where: str, remarks: Remarks) -> None:
    for key in assertion:
        if key not in CARRIED:
            remarks.add(f"{where}: `{key}` of `{kind}` was left out.")
    if kind in ("llm-rubric", "model-graded-closedqa", "factuality") and not assertion.get("provider"):
        remarks.add(
            f"`{kind}` names no grader: {JUDGE} judges here, with a prompt of this service; name another in the file."
        )
    if kind == "similar":
        remarks.add(f"`similar` compares embeddings of {EMBEDDINGS} here; a threshold fits one model only.")
    if kind == "regex":
        remarks.add("Patterns of `regex` are read as Python's here, and ^ and $ match at the ends of lines.")


def _made(kind: str, assertion: Mapping[str, Any], column: str) -> Made | None:
    make = MAKERS.get(kind)
    return make(assertion, column) if make else None


def _texts(assertion: Mapping[str, Any]) -> list[str]:
    value = assertion.get("value")
    listed = cast("list[Any]", value) if isinstance(value, list) else [] if value is None else [value]
    return [each if isinstance(each, str) else json.dumps(each, ensure_ascii=False) for each in listed]


def _equals(assertion: Mapping[str, Any], column: str) -> Made | None:
    if isinstance(assertion.get("value"), dict):
        return None
    exact = {"kind": "exact", "ignore_case": False, "trim": "spaces", "collapse_spaces": False, "extract": AS_IT_IS}
    return _wanting(exact, assertion, column)


def _contains(need: str, *, ignore_case: bool) -> Make:
    def make(assertion: Mapping[str, Any], column: str) -> Made | None:
        looked_for = {"need": need, "ignore_case": ignore_case, "whole_words": False, "extract": AS_IT_IS}
        return _wanting({"kind": "contains", **looked_for}, assertion, column)

    return make


def _wanting(evaluator: dict[str, Any], assertion: Mapping[str, Any], column: str) -> Made | None:
    texts = [text for text in _texts(assertion) if text.strip()]
    return Made({**evaluator, "also_accept": column}, texts) if texts else None


def _regex(assertion: Mapping[str, Any], column: str) -> Made | None:
    pattern = assertion.get("value")
    if not isinstance(pattern, str) or "{{" in pattern:
        return None
    return Made({"kind": "regex", "patterns": [pattern], "compare": "match", "drop_thinking": False})


def _starts(assertion: Mapping[str, Any], column: str) -> Made | None:
    start = {"kind": "regex", "patterns": [r"\A{expected}"], "compare": "match", "drop_thinking": False}
    return _wanting(start, assertion, column)


def _json(source: str) -> Make:
    def make(assertion: Mapping[str, Any], column: str) -> Made | None:
        schema = assertion.get("value")
        if schema is None:
            return Made({"kind": "json", "source": source})
        if isinstance(schema, dict):
            return Made({"kind": "json_schema", "source": source, "schema": schema})
        return None

    return make


def _judge(rubric: str) -> Make:
    def make(assertion: Mapping[str, Any], column: str) -> Made | None:
        grader = assertion.get("provider")
        agent = agent_settings(str(grader or JUDGE))
        texts = _texts(assertion)
        if agent is None or not texts or (grader is not None and not isinstance(grader, str)):
            return None
        judges = [{"name": named(agent["model"], "judge"), "agent": agent}]
        return Made({"kind": "judge", "judges": judges, "rubric": rubric, "reference": column}, "\n".join(texts))

    return make


def _similar(assertion: Mapping[str, Any], column: str) -> Made | None:
    threshold = assertion.get("threshold", 0.75)
    alike = {"kind": "similarity", "embeddings": {"model": EMBEDDINGS}, "threshold": threshold}
    return _wanting(alike, assertion, column)


def _most(kind: str, setting: str, scale: float) -> Make:
    def make(assertion: Mapping[str, Any], column: str) -> Made | None:
        threshold = assertion.get("threshold")
        return Made({"kind": kind, setting: threshold * scale}) if isinstance(threshold, int | float) else None

    return make


def _words(assertion: Mapping[str, Any], column: str) -> Made | None:
    value = assertion.get("value")
    if isinstance(value, int):
        return Made({"kind": "length", "unit": "words", "min": value, "max": value})
    bounds = cast("dict[str, Any]", value) if isinstance(value, dict) else {}
    given = {name: bounds[name] for name in ("min", "max") if isinstance(bounds.get(name), int)}
    return Made({"kind": "length", "unit": "words", **given}) if given else None


MAKERS: Final[Mapping[str, Make]] = {
    "equals": _equals,
    "contains": _contains("any", ignore_case=False),
    "icontains": _contains("any", ignore_case=True),
    "contains-any": _contains("any", ignore_case=False),
    "icontains-any": _contains("any", ignore_case=True),
    "contains-all": _contains("all", ignore_case=False),
    "icontains-all": _contains("all", ignore_case=True),
    "not-contains": _contains("none", ignore_case=False),
    "not-icontains": _contains("none", ignore_case=True),
    "not-contains-any": _contains("none", ignore_case=False),
    "not-icontains-any": _contains("none", ignore_case=True),
    "regex": _regex,
    "starts-with": _starts,
    "is-json": _json("whole"),
    "contains-json": _json("anywhere"),
    "llm-rubric": _judge(CRITERION),
    "model-graded-closedqa": _judge(CRITERION),
    "factuality": _judge(FACTS),
    "model-graded-factuality": _judge(FACTS),
    "similar": _similar,
    "latency": _most("latency", "max_s", 0.001),
    "cost": _most("cost", "max_usd", 1.0),
    "word-count": _words,
}
"""By type."""
