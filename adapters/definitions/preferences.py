"""A head-to-head comparison from a file, YAML or JSON, and the JSON Schema of such files."""

from typing import Any

from adapters.definitions.reading import check_plugin, read_document
from adapters.definitions.schema import with_head
from core.benchmarks import Evaluation
from core.preferences import OPPONENT, Entry, PreferenceRequest


class PreferenceFile(PreferenceRequest):
    """What is asked for; who takes part may also be said where the file is used."""

    contestants: tuple[Entry, ...] = ()


def read_preference(text: str, *, source: str) -> PreferenceFile:
    """`source` names the file in messages. Raises InvalidInput with the line and a JSON pointer."""
    wanted = "a head-to-head comparison is a mapping of keys such as `contestants` and `judge`"
    found, lines = read_document(PreferenceFile, text, source=source, wanted=wanted)
    # Here a judge judges pairs without being told; another mode is refused where everything else about it is.
    paired = Evaluation.model_validate({**found.judge.model_dump(), "mode": "pairwise", "against": OPPONENT})
    check_plugin("evaluators", paired, "/judge", source=source, lines=lines)
    return found


def preference_schema() -> dict[str, Any]:
    """JSON Schema 2020-12 of such a file."""
    return with_head(PreferenceFile.model_json_schema(), "preference.schema.json")
