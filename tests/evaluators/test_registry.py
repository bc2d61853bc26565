"""The registry opens what a benchmark names, and says what is wrong with what it cannot open."""

import pytest

from core.benchmarks import BenchmarkDefinition, Evaluation
from core.errors import InvalidPlugin
from core.plugins import installed
from evaluators.registry import InstalledEvaluators


def definition(*evaluators: dict[str, object]) -> BenchmarkDefinition:
    return BenchmarkDefinition.model_validate(
        {"name": "b", "dataset": {"source": {"kind": "inline"}}, "evaluators": evaluators}
    )


def test_evaluators_are_opened_in_order_with_their_names_and_versions() -> None:
    opened = InstalledEvaluators().open(
        [Evaluation.model_validate({"kind": "numeric"}), Evaluation.model_validate({"kind": "exact", "name": "strict"})]
    )
    assert [(each.label, each.version) for each in opened] == [
        ("numeric", installed("evaluators")["numeric"].version),
        ("strict", installed("evaluators")["exact"].version),
    ]


def test_an_unknown_kind_is_refused_with_the_installed_ones() -> None:
    with pytest.raises(InvalidPlugin, match=r"no kind 'exakt' in evaluators; installed: .*choice.*exact") as refused:
        InstalledEvaluators().open(definition({"kind": "exact"}, {"kind": "exakt"}).evaluators)
    assert refused.value.pointer == "/evaluators/1/kind"


@pytest.mark.parametrize(
    ("settings", "pointer", "message"),
    [
        ({"kind": "exact", "ignorecase": True}, "/evaluators/0/ignorecase", "Its settings are: .*ignore_case"),
        ({"kind": "regex"}, "/evaluators/0/patterns", "patterns"),
        (
            {"kind": "regex", "patterns": ["(?<city>a)", "b"], "groups": {"city": "place"}},
            "/evaluators/0",
            "the pattern 'b' has no group named 'city'",
        ),
        ({"kind": "regex", "patterns": ["(unclosed"]}, "/evaluators/0/patterns/0", "is no regular expression"),
        ({"kind": "numeric", "absolute_tolerance": -1}, "/evaluators/0/absolute_tolerance", "it must be at least 0"),
        (
            {"kind": "exact", "extract": {"patterns": ["["]}},
            "/evaluators/0/extract/patterns/0",
            "no regular expression",
        ),
        ({"kind": "choice", "rules": ["guess"]}, "/evaluators/0/rules/0", "answer_is"),
    ],
)
def test_settings_that_cannot_work_are_refused_where_they_stand(
    settings: dict[str, object], pointer: str, message: str
) -> None:
    with pytest.raises(InvalidPlugin, match=message) as refused:
        InstalledEvaluators().open(definition(settings).evaluators)
    assert refused.value.pointer == pointer
    with pytest.raises(InvalidPlugin):
        InstalledEvaluators().open([Evaluation.model_validate(settings)])


def test_every_built_in_evaluator_describes_itself() -> None:
    for kind, plugin in installed("evaluators").items():
        assert plugin.summary, kind
        assert plugin.settings.model_json_schema()["type"] == "object"


def test_an_evaluator_that_runs_code_is_refused_where_the_operator_does_not_allow_it() -> None:
    inside: dict[str, object] = {"kind": "composite", "rule": "all", "of": [{"kind": "exact"}, {"kind": "code"}]}
    alone: dict[str, object] = {"kind": "code"}
    for settings in (alone, inside):
        InstalledEvaluators(code=True).open(definition(settings).evaluators)
        with pytest.raises(InvalidPlugin, match="BENCHMARK_CODE_EXECUTION=sandboxed") as refused:
            InstalledEvaluators(code=False).open(definition(settings).evaluators)
        assert refused.value.pointer == "/evaluators/0/kind"
