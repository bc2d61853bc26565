"""A gate's policy from a file, YAML or JSON, and the JSON Schema of such files."""

from typing import Any

from adapters.definitions.reading import read_document
from adapters.definitions.schema import with_head
from core.gates import GatePolicy


def read_policy(text: str, *, source: str) -> GatePolicy:
    """`source` names the file in messages. Raises InvalidInput with the line and a JSON pointer."""
    return read_document(
        GatePolicy, text, source=source, wanted="a policy is a mapping of keys such as `name` and `thresholds`"
    )[0]


def policy_schema() -> dict[str, Any]:
    """JSON Schema 2020-12 of a policy file."""
    return with_head(GatePolicy.model_json_schema(), "gate.schema.json")
