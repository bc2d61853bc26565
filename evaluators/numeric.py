"""The evaluator `numeric`: the answer is the expected number, however either is written."""

from fractions import Fraction
from typing import Literal

from pydantic import Field

from core.cases import Case, Reply
from core.errors import CannotJudge
from core.plugins import Plugin, PluginSettings
from core.verdicts import Scored
from evaluators.expectation import expected_of
from evaluators.extraction import Extraction
from evaluators.numbers import DecimalSign, Number, first_number, last_number

MARKERS = ("####", "\\boxed{", "answer is", "answer:", "answer =", "A:")
"""How GSM8K's own data, LaTeX, chat models and OpenAI's GSM8K solutions announce a number."""


class NumericSettings(PluginSettings):
    extract: Extraction = Extraction(after=MARKERS, otherwise="nothing")
    last_number: bool = True
    """Take the reply's last number when no marker announces one."""
    relative_tolerance: float = Field(default=1e-9, ge=0, lt=1)
    """Largest difference as a share of the expected number."""
    absolute_tolerance: float = Field(default=0.0, ge=0)
    """Largest difference as it is; the wider of the two tolerances counts."""
    percent: Literal["number", "share"] = "number"
    """Read `50%` as 50 or as 0.5."""
    decimal_sign: DecimalSign = "."
    """`,` for `1.234,5` as in German."""


class Numeric:
    def __init__(self, settings: NumericSettings) -> None:
        self._settings = settings

    async def evaluate(self, case: Case, reply: Reply) -> Scored:
        expected = self._number(expected_of(case), fallback=True)
        if expected is None:
            raise CannotJudge(f"Case {case.id!r} expects {case.expected!r}, which is no number.")
        answer = self._number(reply.text, fallback=self._settings.last_number)
        if answer is None:
            return Scored(value=0, reason="no number found")
        return Scored(value=float(self._equal(self._value(answer), self._value(expected))), answer=answer.text)

    def _number(self, text: str, *, fallback: bool) -> Number | None:
        sign = self._settings.decimal_sign
        for span in self._settings.extract.candidates(text):
            if number := first_number(span, sign):
                return number
        return last_number(self._settings.extract.prepared(text), sign) if fallback else None

    def _value(self, number: Number) -> Fraction:
        return number.value / 100 if number.percent and self._settings.percent == "share" else number.value

    def _equal(self, answer: Fraction, expected: Fraction) -> bool:
        if answer == expected:
            return True
        allowed = max(self._settings.absolute_tolerance, self._settings.relative_tolerance * abs(expected))
        return abs(answer - expected) <= allowed


plugin = Plugin(NumericSettings, Numeric, version="1", summary="The answer is the expected number.")
