"""A calibration of a judge from a file, YAML or JSON, and the JSON Schema of such files."""

from typing import Any

from adapters.definitions.reading import check_plugin, read_document
from adapters.definitions.schema import with_head
from core.calibrations import CalibrationRequest


def read_calibration(text: str, *, source: str) -> CalibrationRequest:
    """`source` names the file in messages. Raises InvalidInput with the line and a JSON pointer."""
    wanted = "a calibration is a mapping of keys such as `judge` and `people`"
    found, lines = read_document(CalibrationRequest, text, source=source, wanted=wanted)
    check_plugin("evaluators", found.judge, "/judge", source=source, lines=lines)
    return found


def calibration_schema() -> dict[str, Any]:
    """JSON Schema 2020-12 of a calibration file."""
    return with_head(CalibrationRequest.model_json_schema(), "calibration.schema.json")
