"""The evaluator `numeric`: the answer is the expected number, however either is written."""

from fractions import Fraction
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from core.cases import Case, Reply
from core.errors import CannotJudge
from core.plugins import Plugin, PluginSettings
from core.verdicts import Scored
from evaluators.expectation import expected_of
from evaluators.extraction import Extraction
from evaluators.numbers import DecimalSign, Number, first_number, last_number
from evaluators.units import Unit, reach, unit_behind, unit_of

MARKERS = ("####", "\\boxed{", "answer is", "answer:", "answer =", "A:")
"""How GSM8K's own data, LaTeX, chat models and OpenAI's GSM8K solutions announce a number."""


def _known(unit: str) -> str:
    return unit_of(unit).name


class NumericSettings(PluginSettings):
    extract: Extraction = Extraction(after=MARKERS, otherwise="nothing")
    """Where in the reply the number stands; by default behind one of the usual markers."""
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
    units: Literal["ignore", "convert"] = "ignore"
    """`convert`: `5 km` is `5000 m`, is not `5 kg`, and is `5` unless `unit_required`. What the expected answer's unit
    is decides; without any the bare numbers are compared."""
    unit: Annotated[str, AfterValidator(_known)] | None = None
    """The unit of expected answers that name none, for `units: convert`."""
    unit_required: bool = False
    """An answer without a unit is wrong where the expected one has one."""


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
        wanted = self._value(expected)
        if self._settings.units == "ignore" or (unit := self._unit(expected)) is None:
            return Scored(value=float(self._equal(self._value(answer), wanted)), answer=answer.text)
        return self._measured(answer, wanted, unit)

    def _measured(self, answer: Number, wanted: Fraction, unit: Unit) -> Scored:
        """The verdict on an answer where so much of a unit is wanted."""
        said = unit_behind(answer.behind)
        if said is None:
            right = not self._settings.unit_required and self._equal(answer.value, wanted)
            reason = f"no unit, where {unit.name!r} was wanted" if self._settings.unit_required else None
            return Scored(value=float(right), answer=answer.text, reason=reason)
        shown, value = f"{answer.text} {said.name}", said.converted(answer.value, unit)
        if value is None:
            return Scored(value=0, answer=shown, reason=f"{said.name!r} does not measure what {unit.name!r} does")
        return Scored(value=float(self._equal(value, wanted)), answer=shown)

    def _unit(self, expected: Number) -> Unit | None:
        return unit_behind(expected.behind) or (unit_of(self._settings.unit) if self._settings.unit else None)

    def _number(self, text: str, *, fallback: bool) -> Number | None:
        sign = self._settings.decimal_sign
        for span in self._settings.extract.candidates(text):
            if number := first_number(span, sign):
                return number
        if not fallback:
            return None
        text = self._settings.extract.prepared(text)
        return last_number(text, sign) if self._settings.units == "ignore" else last_number(text, sign, reach)

    def _value(self, number: Number) -> Fraction:
        return number.value / 100 if number.percent and self._settings.percent == "share" else number.value

    def _equal(self, answer: Fraction, expected: Fraction) -> bool:
        if answer == expected:
            return True
        allowed = max(self._settings.absolute_tolerance, self._settings.relative_tolerance * abs(expected))
        return abs(answer - expected) <= allowed


plugin = Plugin(NumericSettings, Numeric, version="2", summary="The answer is the expected number.")
