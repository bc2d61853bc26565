"""A gate's policy from a file, YAML or JSON, and the JSON Schema of such files."""

from typing import Any

from pydantic import ValidationError

from adapters.definitions.reading import mistakes
from adapters.definitions.schema import DIALECT
from adapters.definitions.yaml_text import parse
from core.errors import InvalidInput
from core.gates import GatePolicy


def read_policy(text: str, *, source: str) -> GatePolicy:
    """`source` names the file in messages. Raises InvalidInput with the line and a JSON pointer."""
    parsed = parse(text, source=source)
    value: object = parsed.value
    if not isinstance(value, dict):
        raise InvalidInput(f"{source}, line 1: a policy is a mapping of keys such as `name` and `thresholds`.")
    try:
        return GatePolicy.model_validate(value)
    except ValidationError as error:
        raise mistakes(error, parsed.value, parsed.lines, source, root=GatePolicy) from error


def policy_schema() -> dict[str, Any]:
    """JSON Schema 2020-12 of a policy file."""
    return {"$schema": DIALECT, "$id": "gate.schema.json", **GatePolicy.model_json_schema()}
