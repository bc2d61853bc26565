"""The evaluator `string_check`: one text is, is not, or contains another."""

from collections.abc import Callable, Mapping
from typing import Final, Literal

from core.cases import Case, Reply
from core.plugins import Plugin, PluginSettings
from core.verdicts import Scored
from evaluators.graders.grade import Passing, Template, filled
from evaluators.graders.values import values_of

Operation = Literal["eq", "ne", "like", "ilike"]
OPERATIONS: Final[Mapping[Operation, Callable[[str, str], bool]]] = {
    "eq": lambda text, reference: text == reference,
    "ne": lambda text, reference: text != reference,
    "like": lambda text, reference: reference in text,
    "ilike": lambda text, reference: reference.casefold() in text.casefold(),
}


class StringCheckSettings(PluginSettings):
    input: Template = "{{ sample.output_text }}"
    """The text that is looked at."""
    reference: Template = "{{ item.expected }}"
    """What it is compared with."""
    operation: Operation = "eq"
    """`eq`: the same, letter by letter; `ne`: not the same; `like`: contains it; `ilike`: contains it in any case."""


class StringCheck:
    def __init__(self, settings: StringCheckSettings) -> None:
        self._settings = settings

    async def evaluate(self, case: Case, reply: Reply) -> Scored:
        settings, values = self._settings, values_of(case, reply)
        text = filled(settings.input, values, case)
        holds = OPERATIONS[settings.operation](text, filled(settings.reference, values, case))
        return Passing().verdict(float(holds), answer=text)


plugin = Plugin(StringCheckSettings, StringCheck, version="1", summary="One text is, is not, or contains another.")
