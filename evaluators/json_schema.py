"""The evaluator `json_schema`: the JSON in the reply fits a JSON Schema, the benchmark's or the case's own."""

from typing import Annotated

from pydantic import AfterValidator, Field, JsonValue, model_validator

from core.cases import Case, Reply
from core.errors import CannotJudge
from core.plugins import Plugin, PluginSettings
from core.verdicts import Scored
from evaluators.expectation import field_of
from evaluators.extraction import excerpt
from evaluators.json_answers import JsonReading
from evaluators.schemas import BadSchema, Schema, as_schema, complaint


class JsonSchemaSettings(PluginSettings, JsonReading):
    document: Annotated[JsonValue, AfterValidator(as_schema)] = Field(
        default=None, alias="schema", validate_default=False
    )
    """The JSON Schema, of draft 2020-12 unless its `$schema` says otherwise. `format` is not checked."""
    schema_field: str | None = None
    """Instead: the metadata field that holds each case's own schema, as an object or as JSON text."""

    @model_validator(mode="after")
    def _one_schema(self) -> "JsonSchemaSettings":
        if (self.document is None) == (self.schema_field is None):
            raise ValueError("give either `schema` or `schema_field`")
        return self


class JsonSchema:
    def __init__(self, settings: JsonSchemaSettings) -> None:
        self._settings = settings

    async def evaluate(self, case: Case, reply: Reply) -> Scored:
        schema = self._schema(case)
        answer = self._settings.read(reply.text)
        if answer is None:
            return Scored(value=0, reason="no valid JSON found")
        try:
            wrong = complaint(schema, answer.value)
        except BadSchema as error:
            raise CannotJudge(f"Case {case.id!r}: {error}") from error
        return Scored(value=float(wrong is None), answer=excerpt(answer.text), reason=excerpt(wrong) if wrong else None)

    def _schema(self, case: Case) -> Schema:
        if self._settings.schema_field is None:
            return as_schema(self._settings.document)
        try:
            return as_schema(field_of(case, self._settings.schema_field))
        except BadSchema as error:
            place = self._settings.schema_field
            raise CannotJudge(f"Case {case.id!r} has no JSON Schema in its field {place!r}: {error}") from error


plugin = Plugin(JsonSchemaSettings, JsonSchema, version="1", summary="The JSON in the reply fits a JSON Schema.")
