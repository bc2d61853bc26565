"""The evaluator `json`: the reply holds valid JSON, of the wanted type, or what is expected."""

from typing import Literal

import orjson
from pydantic import JsonValue

from core.cases import Case, Reply
from core.errors import CannotJudge
from core.plugins import Plugin, PluginSettings
from core.verdicts import Scored
from evaluators.expectation import expected_of
from evaluators.extraction import excerpt
from evaluators.json_answers import JsonReading, same

TYPES: dict[str, type] = {"object": dict, "array": list}


class JsonSettings(PluginSettings, JsonReading):
    type: Literal["any", "object", "array"] = "any"
    """What the JSON must be."""
    compare: Literal["nothing", "expected"] = "nothing"
    """`expected`: it must equal the case's expected answer, read as JSON; the order of members does not count."""


class Json:
    def __init__(self, settings: JsonSettings) -> None:
        self._settings = settings

    async def evaluate(self, case: Case, reply: Reply) -> Scored:
        expected = _expected(case) if self._settings.compare == "expected" else None
        answer = self._settings.read(reply.text)
        if answer is None:
            return Scored(value=0, reason="no valid JSON found")
        shown = excerpt(answer.text)
        if self._settings.type != "any" and not isinstance(answer.value, TYPES[self._settings.type]):
            return Scored(value=0, answer=shown, reason=f"the JSON is no {self._settings.type}")
        if self._settings.compare == "nothing":
            return Scored(value=1, answer=shown)
        return Scored(value=float(same(answer.value, expected)), answer=shown)


def _expected(case: Case) -> JsonValue:
    try:
        return orjson.loads(expected_of(case))
    except ValueError as error:
        raise CannotJudge(f"Case {case.id!r} expects {excerpt(case.expected or '')!r}, which is no JSON.") from error


plugin = Plugin(JsonSettings, Json, version="1", summary="The reply holds valid JSON.")
