"""Units as people write them behind a number, and the conversion between those that measure the same.

`km/h`, `m s^-2`, `square feet`, `degrees Celsius`, `MiB`. Factors are those of NIST SP 811 (2008), appendix B.8, as
exact fractions; a year is 365.25 days, a month the twelfth of it. Decimal prefixes go with metric units only.
"""

import re
from collections.abc import Mapping
from fractions import Fraction
from typing import NamedTuple

from evaluators.lookalikes import APOSTROPHE
from evaluators.lookalikes import TIMES as CROSS
from evaluators.unit_table import AMBIGUOUS, KINDS, NAME_PREFIXES, NAMES, OFFSETS, PREFIXED, SYMBOL_PREFIXES, SYMBOLS

LEAD = re.compile(r"(?:[\s~$\-]|\\[,;: ]|\\(?:text|mathrm|rm|textrm)\s?\{?|\{)*")
MU = "\N{MICRO SIGN}\N{GREEK SMALL LETTER MU}"
ATOM = re.compile(rf"°\s?[CFK](?![A-Za-z])|[A-Za-z{MU}Ω℃℉Å°]++(?!['{APOSTROPHE}]\w)")
POWER = re.compile(r"\s?(?:\^|\*\*)\s?\{?(-?[1-4])\}?|([23])(?!\d)|([²³])|\s+(squared|cubed)\b", re.IGNORECASE)
BEFORE = re.compile(r"(square|sq\.?|cubic|cu\.?)\s+", re.IGNORECASE)
DEGREES = re.compile(r"degrees?\s+(c|celsius|centigrade|f|fahrenheit|kelvin)\b", re.IGNORECASE)
TIMES = re.compile(rf"\s?[*·⋅{CROSS}]\s?|\s(?=[A-Za-zΩ]+\^?-[1-4])")
PER = re.compile(r"\s?/\s?|\s+per\s+(?:an?\s+)?", re.IGNORECASE)
PROSE = re.compile(r"\s+(?!per\b)[A-Za-z]", re.IGNORECASE)
POWERS = {"²": 2, "³": 3, "squared": 2, "cubed": 3}
MOST_FACTORS = 5


class Unit(NamedTuple):
    name: str
    """As it was written."""
    kind: Mapping[str, int]
    """What it measures: powers of base units."""
    factor: Fraction
    """What one of it is in base units."""
    offset: Fraction = Fraction(0)
    """Where its zero lies, in base units; other than 0 for temperatures alone."""
    end: int = 0
    """Where it ends in the text that it was read from."""

    def converted(self, value: Fraction, other: "Unit") -> Fraction | None:
        """What so many of it are in another unit; None when that measures something else."""
        if dict(self.kind) != dict(other.kind):
            return None
        return (value * self.factor + self.offset - other.offset) / other.factor


def unit_of(name: str) -> Unit:
    """The unit of this name. Raises ValueError."""
    unit = unit_behind(name)
    if unit is None or unit.name != name.strip():
        raise ValueError(f"{name!r} is no unit that is known here")
    return unit


def unit_behind(text: str) -> Unit | None:
    """The unit that the text begins with; None when it begins with none."""
    lead = LEAD.match(text)
    start = at = lead.end() if lead else 0
    kind: dict[str, int] = {}
    factor, offset, sign, factors = Fraction(1), Fraction(0), 1, 0
    while factors < MOST_FACTORS and (found := _factor(text, at)):
        atom, power, at = found
        factors += 1
        factor *= atom.factor ** (sign * power)
        offset = atom.offset
        for base, times in atom.kind.items():
            kind[base] = kind.get(base, 0) + sign * power * times
        joint = PER.match(text, at) or TIMES.match(text, at)
        if joint is None or _factor(text, joint.end()) is None:
            break
        sign, at = (-1 if PER.match(text, at) else 1), joint.end()
    if not factors:
        return None
    kind = {base: power for base, power in kind.items() if power}
    alone = factors == 1 and kind == {"K": 1}
    return Unit(text[start:at], kind, factor, offset if alone else Fraction(0), at)


def reach(text: str) -> int:
    """How many characters at the beginning of the text are a unit: numbers among them are powers."""
    unit = unit_behind(text)
    return unit.end if unit else 0


def _factor(text: str, at: int) -> tuple[Unit, int, int] | None:
    """The atom at this place, its power, and where it ends."""
    power = 1
    if before := BEFORE.match(text, at):
        power, at = (2 if before[1][0] in "sS" else 3), before.end()
    if degrees := DEGREES.match(text, at):
        return _atom("°" + degrees[1][0].upper() if degrees[1][0] in "cCfF" else "K"), power, degrees.end()
    written = ATOM.match(text, at)
    name = written.group().replace(" ", "") if written else ""
    if written is None or (name in AMBIGUOUS and PROSE.match(text, written.end())):
        return None
    atom = _looked_up(name)
    if atom is None:
        return None
    raised = POWER.match(text, written.end())
    if raised is None:
        return atom, power, written.end()
    number = raised[1] or raised[2]
    return atom, power * (int(number) if number else POWERS[(raised[3] or raised[4]).lower()]), raised.end()


def _looked_up(name: str) -> Unit | None:
    """By symbol, where case matters, then by name, where it does not; each as it is, then with a prefix."""
    if name in SYMBOLS:
        return _atom(name)
    for prefix, factor in SYMBOL_PREFIXES.items():
        if name.startswith(prefix) and name[len(prefix) :] in PREFIXED:
            return _atom(name[len(prefix) :], factor)
    word = name.lower()
    if word in NAMES:
        return _atom(NAMES[word])
    for prefix, factor in NAME_PREFIXES.items():
        if word.startswith(prefix) and NAMES.get(word[len(prefix) :]) in PREFIXED:
            return _atom(NAMES[word[len(prefix) :]], factor)
    return None


def _atom(symbol: str, prefix: Fraction = Fraction(1)) -> Unit:
    factor, kind = SYMBOLS[symbol]
    return Unit(symbol, KINDS[kind], factor * prefix, OFFSETS.get(symbol, Fraction(0)))
