"""Policies of gates, read from files: mistakes are told with their line, and editors get a schema."""

from typing import Any, cast

import jsonschema
import pytest
import yaml

from adapters.definitions.policies import policy_schema, read_policy
from core.errors import InvalidInput
from core.gates import Relative, Threshold

FILE = """\
name: release
requires: {coverage: 0.98}
thresholds:
  - {at_least: 0.8}
  - {metric: latency_p95_s, at_most: 2.0, advisory: true}
relative:
  - {margin: 0.02}
tiers:
  - name: gold
    thresholds: [{at_least: 0.9}]
"""


def test_a_file_is_a_policy() -> None:
    policy = read_policy(FILE, source="gate.yaml")
    assert policy.requires.coverage == 0.98
    assert policy.thresholds[0] == Threshold(metric="accuracy", at_least=0.8)
    assert policy.relative == (Relative(margin=0.02),)
    assert policy.tiers[0].name == "gold"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("name: a\nthreshold: []\n", "gate.yaml, line 2: there is no key 'threshold' here; did you mean 'thresholds'?"),
        (
            "name: a\nthresholds:\n  - {at_least: 0.8}\n  - {atleast: 0.8}\n",
            "gate.yaml, line 4: there is no key 'atleast' here; did you mean 'at_least'?",
        ),
        ("name: a\nthresholds:\n  - {at_least: high}\n", "gate.yaml, line 3: 'at_least' must be a number"),
        ("name: a\n", "line 1: 'the definition' is not right: a policy needs"),
        ("- a\n", "gate.yaml, line 1: a policy is a mapping"),
    ],
)
def test_a_mistake_is_told_with_its_line(text: str, says: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        read_policy(text, source="gate.yaml")
    assert says in str(refused.value)


def test_the_schema_takes_what_is_right_and_refuses_what_is_mistyped() -> None:
    schema, document = policy_schema(), cast("dict[str, Any]", yaml.safe_load(FILE))
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.validate(document, schema)
    with pytest.raises(jsonschema.ValidationError, match="threshold"):
        jsonschema.validate({**document, "threshold": []}, schema)
