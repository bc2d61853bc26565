"""The evaluator `choice`: the reply names the right option of a multiple-choice question."""

import re
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from core.cases import Case, Reply
from core.errors import CannotJudge
from core.plugins import Plugin, PluginSettings
from core.verdicts import Scored
from evaluators.expectation import expected_of
from evaluators.extraction import Extraction
from evaluators.letters import ALPHABET, EVERYDAY, SAME, Options, Rule, named_letter

LETTER = re.compile(r"\(?([A-Za-z])[).:]?")
LETTER_AND_TEXT = re.compile(r"\(?([A-Z])[).:]\s+\S")
RAW = Extraction(drop_emphasis=False)


class ChoiceSettings(PluginSettings):
    rules: tuple[Rule, ...] = Field(default=EVERYDAY, min_length=1)
    """How the letter is looked for, tried in order."""
    letters: Annotated[str, StringConstraints(pattern=r"^[A-Z]{2,26}$")] | None = None
    """The letters that count as an answer; by default one for each of the case's choices, or A to Z without any."""
    expected_as: Literal["auto", "letter", "index", "text"] = "auto"
    """What the expected answer is: a letter, the place of the right choice, or its text."""
    first_index: Literal[0, 1] = 0
    """What the first choice counts as, for an expected index."""
    extract: Extraction = RAW
    """Narrows the reply before the rules are tried; `stop` and the patterns are the useful part."""


class Choice:
    def __init__(self, settings: ChoiceSettings) -> None:
        self._settings = settings

    async def evaluate(self, case: Case, reply: Reply) -> Scored:
        expected = self._expected(case)
        answer = self._answer(case, reply.text)
        if answer is None:
            return Scored(value=0, reason="no option found")
        return Scored(value=float(answer == expected), answer=answer)

    def _answer(self, case: Case, reply: str) -> str | None:
        letters = self._settings.letters or ALPHABET[: len(case.choices)] or ALPHABET
        options = Options(letters, case.choices)
        for span in self._settings.extract.candidates(reply):
            if letter := named_letter(span, options, self._settings.rules):
                return letter
        return None

    def _expected(self, case: Case) -> str:
        """The right letter. Raises CannotJudge when the case does not tell it, or tells two."""
        expected = expected_of(case).strip()
        kind = self._settings.expected_as
        found = {
            letter
            for letter, wanted in (
                (_letter(expected, case), "letter"),
                (self._indexed(expected, case), "index"),
                (_worded(expected, case), "text"),
            )
            if letter is not None and kind in ("auto", wanted)
        }
        if len(found) == 1:
            return found.pop()
        trouble = "can mean two choices; set `expected_as`" if found else "names none of its choices"
        raise CannotJudge(f"Case {case.id!r} expects {expected!r}, which {trouble}.")

    def _indexed(self, expected: str, case: Case) -> str | None:
        if not expected.isascii() or not expected.isdigit() or len(expected) > 2:
            return None
        index = int(expected) - self._settings.first_index
        return ALPHABET[index] if 0 <= index < min(len(case.choices) or 26, 26) else None


def _letter(expected: str, case: Case) -> str | None:
    named = LETTER.fullmatch(expected) or LETTER_AND_TEXT.match(expected)
    letter = named[1].upper() if named else None
    return letter if letter and (not case.choices or ALPHABET.index(letter) < len(case.choices)) else None


def _worded(expected: str, case: Case) -> str | None:
    """The letter of the one choice that reads like this."""
    wanted = SAME.of(expected)
    found = [letter for letter, text in zip(ALPHABET, case.choices, strict=False) if SAME.of(text) == wanted]
    return found[0] if len(found) == 1 else None


plugin = Plugin(ChoiceSettings, Choice, version="1", summary="The reply names the right option.")
