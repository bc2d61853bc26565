"""The evaluator `tool_call`: the agent called the right tools with the right arguments, and no others.

The rule is that of the Berkeley Function Calling Leaderboard; see `evaluators.calls`. What is expected is a list of
calls in JSON, empty where no tool answers the question.
"""

import json
from typing import Literal

from pydantic import JsonValue, TypeAdapter, ValidationError

from core.cases import Case, Reply, Tool
from core.errors import CannotJudge
from core.plugins import Plugin, PluginSettings
from core.verdicts import Scored
from evaluators.calls.matching import PermittedCall, mismatch, permitted_calls
from evaluators.calls.python_calls import Call, NoCalls, python_calls
from evaluators.calls.source_calls import source_calls
from evaluators.calls.source_values import Language
from evaluators.calls.written_calls import written_calls
from evaluators.extraction import Extraction, excerpt

TOOLS: TypeAdapter[tuple[Tool, ...]] = TypeAdapter(tuple[Tool, ...])


class ToolCallSettings(PluginSettings):
    expected: str | None = None
    """The metadata field with the expected calls; by default the expected answer, as JSON."""
    tools: str | None = None
    """The metadata field with the tools, for cases whose prompt describes them in words."""
    read_text: Literal["any", "python", "never"] = "any"
    """Where the agent made no call through its API: read calls that its text consists of, in Python or JSON, also in a
    fence or tags; only as Python and nothing around it, which is how the leaderboard reads prompted models; or none."""
    language: Language = "python"
    """What the tools are written in. Arguments for tools of Java and JavaScript are texts in that language (`5L`, `new
    int[]{1, 2}`), as the leaderboard has models give them, and are read by the types of the tool."""
    drop_thinking: bool = True
    """Ignore everything in the text up to the last `</think>`."""


class ToolCalls:
    def __init__(self, settings: ToolCallSettings) -> None:
        self._settings = settings
        self._whole = Extraction(drop_thinking=settings.drop_thinking, drop_emphasis=False)

    async def evaluate(self, case: Case, reply: Reply) -> Scored:
        expected, tools = self._expected(case), self._tools(case)
        calls, why = self._made(reply)
        trouble = mismatch(calls, expected, tools, self._settings.language)
        if trouble == "no call" and why:
            trouble = f"no call: {why}"
        shown = excerpt(f"[{', '.join(map(str, calls))}]") if calls else None
        return Scored(value=float(trouble is None), answer=shown, reason=None if trouble is None else excerpt(trouble))

    def _made(self, reply: Reply) -> tuple[list[Call], str]:
        """The calls, and why there is none in the text."""
        if reply.tool_calls or self._settings.read_text == "never":
            return [Call(each.name, each.arguments) for each in reply.tool_calls], ""
        text = self._whole.prepared(reply.text)
        try:
            return self._written(text), ""
        except NoCalls as error:
            return [], str(error)

    def _written(self, text: str) -> list[Call]:
        """Raises NoCalls."""
        if self._settings.language != "python":
            return source_calls(text)
        return python_calls(text.strip("`\n ")) if self._settings.read_text == "python" else written_calls(text)

    def _expected(self, case: Case) -> list[PermittedCall]:
        if self._settings.expected is not None:
            return permitted_calls(case, case.metadata.get(self._settings.expected))
        try:
            listed: JsonValue = json.loads(case.expected or "null")
        except ValueError as error:
            raise CannotJudge(f"The expected answer of case {case.id!r} is no JSON list of calls: {error}.") from error
        return permitted_calls(case, listed)

    def _tools(self, case: Case) -> tuple[Tool, ...]:
        if self._settings.tools is None:
            return case.tools
        try:
            return TOOLS.validate_python(case.metadata.get(self._settings.tools))
        except ValidationError as error:
            raise CannotJudge(
                f"Case {case.id!r} has no list of tools in its metadata field {self._settings.tools!r}; "
                "a tool has a `name`, a `description` and the JSON Schema of its `parameters`."
            ) from error


plugin = Plugin(ToolCallSettings, ToolCalls, version="1", summary="The right tools were called, with right arguments.")
