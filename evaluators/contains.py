"""The evaluator `contains`: the reply says the expected words somewhere."""

from collections.abc import Iterator, Sequence
from typing import Literal

from core.cases import Case, Reply
from core.plugins import Plugin, PluginSettings
from core.verdicts import Scored
from evaluators.expectation import References
from evaluators.extraction import Extraction, excerpt


class ContainsSettings(PluginSettings, References):
    values: tuple[str, ...] = ()
    """What to look for, the same in every case; by default each case's expected answer."""
    need: Literal["any", "all", "none"] = "any"
    """How many of them the reply must say; `none` is for words that must not be said."""
    ignore_case: bool = True
    """Upper and lower case are the same."""
    whole_words: bool = True
    """`cat` is not found in `concatenate`."""
    extract: Extraction = Extraction()
    """Where in the reply the words are looked for; by default it is the whole reply."""


class Contains:
    def __init__(self, settings: ContainsSettings) -> None:
        self._settings = settings

    async def evaluate(self, case: Case, reply: Reply) -> Scored:
        wanted = self._settings.values or self._settings.references(case)
        text = self._settings.extract.first(reply.text) or ""
        found = [each for each in wanted if self._holds(text, each)]
        return Scored(
            value=float(self._right(len(found), len(wanted))),
            answer=excerpt(found[0]) if found else None,
            reason=self._reason(found, wanted),
        )

    def _right(self, found: int, wanted: int) -> bool:
        match self._settings.need:
            case "any":
                return found > 0
            case "all":
                return found == wanted
            case "none":
                return found == 0

    def _reason(self, found: Sequence[str], wanted: Sequence[str]) -> str | None:
        if self._right(len(found), len(wanted)):
            return None
        if self._settings.need == "none":
            return f"{excerpt(found[0])!r} found"
        return f"{excerpt(next(each for each in wanted if each not in found))!r} not found"

    def _holds(self, text: str, wanted: str) -> bool:
        wanted = wanted.strip()
        if self._settings.ignore_case:
            text, wanted = text.casefold(), wanted.casefold()
        if not self._settings.whole_words:
            return wanted in text
        return any(
            not (wanted[:1].isalnum() and _in_word(text[at - 1 : at]))
            and not (wanted[-1:].isalnum() and _in_word(text[at + len(wanted) : at + len(wanted) + 1]))
            for at in _places(text, wanted)
        )


def _places(text: str, wanted: str) -> Iterator[int]:
    """Where in the text it stands, overlaps included."""
    at = text.find(wanted)
    while at >= 0:
        yield at
        at = text.find(wanted, at + 1)


def _in_word(character: str) -> bool:
    return character.isalnum() or character == "_"


plugin = Plugin(ContainsSettings, Contains, version="1", summary="The reply contains the expected words.")
