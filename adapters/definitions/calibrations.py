"""A calibration of a judge from a file, YAML or JSON, and the JSON Schema of such files."""

from typing import Any

from pydantic import ValidationError

from adapters.definitions.reading import mistakes
from adapters.definitions.schema import DIALECT
from adapters.definitions.yaml_text import parse
from core.calibrations import CalibrationRequest
from core.errors import InvalidInput


def read_calibration(text: str, *, source: str) -> CalibrationRequest:
    """`source` names the file in messages. Raises InvalidInput with the line and a JSON pointer."""
    parsed = parse(text, source=source)
    value: object = parsed.value
    if not isinstance(value, dict):
        raise InvalidInput(f"{source}, line 1: a calibration is a mapping of keys such as `judge` and `people`.")
    try:
        return CalibrationRequest.model_validate(value)
    except ValidationError as error:
        raise mistakes(error, parsed.value, parsed.lines, source, root=CalibrationRequest) from error


def calibration_schema() -> dict[str, Any]:
    """JSON Schema 2020-12 of a calibration file."""
    return {"$schema": DIALECT, "$id": "calibration.schema.json", **CalibrationRequest.model_json_schema()}
