"""A calibration of a judge from a file, YAML or JSON, and the JSON Schema of such files."""

from typing import Any

from adapters.definitions.reading import read_document
from adapters.definitions.schema import DIALECT
from core.calibrations import CalibrationRequest


def read_calibration(text: str, *, source: str) -> CalibrationRequest:
    """`source` names the file in messages. Raises InvalidInput with the line and a JSON pointer."""
    return read_document(
        CalibrationRequest,
        text,
        source=source,
        wanted="a calibration is a mapping of keys such as `judge` and `people`",
    )[0]


def calibration_schema() -> dict[str, Any]:
    """JSON Schema 2020-12 of a calibration file."""
    return {"$schema": DIALECT, "$id": "calibration.schema.json", **CalibrationRequest.model_json_schema()}
