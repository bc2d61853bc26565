"""The client's models are the service's answers, and take what a newer service tells besides."""

from datetime import UTC, datetime

import pytest

from benchmark_client.models.runs import Counts, RunView
from benchmark_client.models.schedules import BenchmarkBaseline, LastGood
from tests.benchmark_client import examples
from tests.benchmark_client.asked import document
from tests.benchmark_client.class_text import class_text
from tests.benchmark_client.generation import FOLDER, formatted, written

NOW = datetime.now(UTC).isoformat()


def test_the_models_are_those_of_the_api_description() -> None:
    expected = formatted(written(document()))
    assert {file.name for file in FOLDER.glob("*.py")} == {
        "__init__.py",
        "answer.py",
        *(file.name for file in expected),
    }
    stale = [file.name for file, text in expected.items() if file.read_text() != text]
    assert stale == [], "`python -m tests.benchmark_client.generation` writes them anew"


def test_a_run_is_read_as_the_service_tells_it() -> None:
    run = RunView.model_validate(examples.run())
    assert run.status == "completed"
    assert run.agents[0].metrics is not None
    assert run.created_at.tzinfo is not None


def test_what_a_newer_service_tells_besides_is_kept() -> None:
    counts = Counts.model_validate({"pending": 1, "postponed": 4})
    assert counts.model_extra == {"postponed": 4}


def test_a_word_or_a_form_of_an_answer_that_is_newer_than_the_client_is_taken() -> None:
    told = {"benchmark": "sums", "since": NOW, "revision": 1}
    old = BenchmarkBaseline.model_validate({**told, "baseline": {"kind": "last_good"}})
    new = BenchmarkBaseline.model_validate({**told, "baseline": {"kind": "seasonal", "weeks": 52}})
    assert isinstance(old.baseline, LastGood)
    assert new.baseline.model_extra == {"kind": "seasonal", "weeks": 52}
    assert RunView.model_validate(examples.run() | {"status": "hibernating"}).status == "hibernating"


@pytest.mark.parametrize(
    ("schema", "line"),
    [
        ({"type": "string", "format": "date-time"}, "    at: datetime"),
        ({"anyOf": [{"type": "integer"}, {"type": "null"}]}, "    at: int | None = None"),
        ({"type": "string", "enum": ["a", "b"]}, '    at: Literal["a", "b"] | str'),
        ({"type": "array", "items": {"$ref": "#/components/schemas/a__b__Part"}}, "    at: tuple[BPart, ...]"),
        ({"type": "object", "additionalProperties": {"type": "number"}}, "    at: dict[str, float]"),
        ({}, "    at: JsonValue"),
    ],
)
def test_a_schema_becomes_an_annotation(schema: dict[str, object], line: str) -> None:
    text = class_text("Thing", {"properties": {"at": schema}, "required": ["at"]})
    assert text.splitlines() == ["class Thing(Answer):", line]


def test_a_field_whose_name_is_taken_is_read_by_it_nevertheless() -> None:
    text = class_text("Thing", {"properties": {"json": {"type": "string"}, "from": {"type": "string"}}})
    assert text.splitlines()[1:] == ["    json_: str = Field(alias='json')", "    from_: str = Field(alias='from')"]
