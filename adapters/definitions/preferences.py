"""A head-to-head comparison from a file, YAML or JSON, and the JSON Schema of such files."""

from typing import Any

from adapters.definitions.reading import read_document
from adapters.definitions.schema import DIALECT
from core.preferences import Entry, PreferenceRequest


class PreferenceFile(PreferenceRequest):
    """What is asked for; who takes part may also be said where the file is used."""

    contestants: tuple[Entry, ...] = ()


def read_preference(text: str, *, source: str) -> PreferenceFile:
    """`source` names the file in messages. Raises InvalidInput with the line and a JSON pointer."""
    return read_document(
        PreferenceFile,
        text,
        source=source,
        wanted="a head-to-head comparison is a mapping of keys such as `contestants` and `judge`",
    )[0]


def preference_schema() -> dict[str, Any]:
    """JSON Schema 2020-12 of such a file."""
    return {"$schema": DIALECT, "$id": "preference.schema.json", **PreferenceFile.model_json_schema()}
