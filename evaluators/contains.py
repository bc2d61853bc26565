"""The evaluator `contains`: the reply says the expected words somewhere."""

import re
from typing import Literal

from core.cases import Case, Reply
from core.plugins import Plugin, PluginSettings
from core.verdicts import Scored
from evaluators.expectation import accepted_by
from evaluators.extraction import Extraction, excerpt


class ContainsSettings(PluginSettings):
    values: tuple[str, ...] = ()
    """What to look for, the same in every case; by default each case's expected answer."""
    also_accept: str | None = None
    """A metadata field that lists further texts to look for."""
    need: Literal["any", "all"] = "any"
    ignore_case: bool = True
    whole_words: bool = True
    """`cat` is not found in `concatenate`."""
    extract: Extraction = Extraction()


class Contains:
    def __init__(self, settings: ContainsSettings) -> None:
        self._settings = settings

    async def evaluate(self, case: Case, reply: Reply) -> Scored:
        wanted = self._settings.values or accepted_by(case, self._settings.also_accept)
        text = self._settings.extract.first(reply.text) or ""
        found = [each for each in wanted if self._holds(text, each)]
        right = len(found) == len(wanted) if self._settings.need == "all" else bool(found)
        missing = next((each for each in wanted if each not in found), None)
        return Scored(
            value=float(right),
            answer=excerpt(found[0]) if found else None,
            reason=None if right or missing is None else f"{excerpt(missing)!r} not found",
        )

    def _holds(self, text: str, wanted: str) -> bool:
        wanted = wanted.strip()
        if self._settings.ignore_case:
            text, wanted = text.casefold(), wanted.casefold()
        if not self._settings.whole_words:
            return wanted in text
        before = r"(?<!\w)" if wanted[:1].isalnum() else ""
        after = r"(?!\w)" if wanted[-1:].isalnum() else ""
        return re.search(before + re.escape(wanted) + after, text) is not None


plugin = Plugin(ContainsSettings, Contains, version="1", summary="The reply contains the expected words.")
