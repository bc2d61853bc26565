"""The evaluator `math`: the answer is mathematically equal to the expected one, by math-verify (Kydlíček et al. 2025,
"Math-Verify"); needs the extra `math`.

`\\frac{1}{2}`, 0.5 and `\\boxed{x = 1/2}` are the same answer; so are sets, intervals, matrices and equations that are.
A comparison that takes longer than math-verify's own limits counts as different, as it does there.
"""

import threading
from functools import lru_cache
from typing import Any

from pydantic import Field

from core.cases import Case, Reply
from core.errors import CannotJudge
from core.plugins import Plugin, PluginSettings
from core.verdicts import Scored
from evaluators.expectation import References
from evaluators.extraction import Extraction, excerpt
from evaluators.extras import require
from evaluators.notation import is_bare_number, is_prose, names_mathematics

LIMIT_S = 5
"""math-verify's own limit for reading one text and for one comparison."""
LONGEST = 20_000
"""Characters of a reply that are read, its last ones."""
WHOLE = Extraction(drop_emphasis=False)


class MathSettings(PluginSettings, References):
    extract: Extraction = WHOLE
    """Where in the reply the answer stands; of the whole reply, math-verify takes what is boxed or said last."""
    strict: bool = True
    """Variables must have the same names, and a set is no tuple."""
    set_relation: bool = False
    """Take the relation `-2 <= x <= 7` for the set `[-2, 7]` whichever of the two is expected."""
    float_rounding: int = Field(default=6, ge=0, le=15)
    """Decimal places to which decimal fractions must agree."""
    time_limit_s: float = Field(default=30.0, gt=0, le=120)
    """Longest judging of one answer, should math-verify's own limits not hold; past it the answer is unscored."""


class Math:
    def __init__(self, settings: MathSettings) -> None:
        self._settings = settings

    def prepare(self) -> None:
        _library()

    async def evaluate(self, case: Case, reply: Reply) -> Scored:
        expected = [part for text in self._settings.references(case) for part in _expected(text)]
        if not expected:
            raise CannotJudge(f"What case {case.id!r} expects is no mathematics: {excerpt(case.expected or '')!r}.")
        answer = self._settings.extract.first(reply.text)
        found = _read(answer[-LONGEST:]) if answer else []
        if not found:
            return Scored(value=0, reason="no mathematics found")
        equal = _library().verify(
            expected,
            found,
            float_rounding=self._settings.float_rounding,
            strict=self._settings.strict,
            allow_set_relation_comp=self._settings.set_relation,
            timeout_seconds=_limit(),
        )
        return Scored(value=float(equal), answer=_shown(found))


def _library() -> Any:
    """Imported when it is first needed: that takes a second."""
    import math_verify  # pyright: ignore[reportMissingTypeStubs]

    return math_verify


def _limit() -> int | None:
    """math-verify's limits are alarms, which only the main thread can have; in a side process there is no other."""
    return LIMIT_S if threading.current_thread() is threading.main_thread() else None


@lru_cache(maxsize=4096)
def _expected(text: str) -> tuple[Any, ...]:
    # An expected word, such as a name, stands for itself.
    return tuple(_read(text) or _parsed(f"${text}$"))


def _read(text: str) -> list[Any]:
    """What math-verify makes of the text: expressions, and the text each comes from.

    It reads LaTeX only between delimiters, and outside of them takes any number for the answer: the 4 of `(3, 4)`. So
    a text that is nothing but mathematics gets delimiters; one that is nothing but a number is read both ways.
    """
    if names_mathematics(text) or is_prose(text):
        return _parsed(text)
    delimited = _parsed(f"${text}$")
    return _parsed(text) + delimited if is_bare_number(text) else delimited or _parsed(text)


def _parsed(text: str) -> list[Any]:
    return _library().parse(text, parsing_timeout=_limit())


def _shown(found: list[Any]) -> str | None:
    """The text of what was read: an expression could take for ever to print."""
    return next((excerpt(part) for part in found if isinstance(part, str)), None)


def build(settings: MathSettings) -> Math:
    require("math_verify", extra="math")
    return Math(settings)


plugin = Plugin(MathSettings, build, version="1", summary="The answer equals the expected one mathematically.")
