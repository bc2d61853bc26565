"""Scales and axes: where a number lies in a picture, and what is written beside it."""

import math
from collections.abc import Callable, Sequence
from typing import Final, NamedTuple

from markupsafe import Markup

from api.charts.svg import line, text

WIDE: Final = 20.0
"""Where the greatest value is so many times the least, the scale is logarithmic."""


class Scale(NamedTuple):
    low: float
    high: float
    start: float
    """The place of `low` in the picture."""
    end: float
    logarithmic: bool = False

    def place(self, value: float) -> float:
        value = min(max(value, self.low), self.high)
        if self.logarithmic:
            share = math.log(value / self.low) / math.log(self.high / self.low)
        else:
            share = (value - self.low) / (self.high - self.low)
        return self.start + share * (self.end - self.start)

    @property
    def ticks(self) -> list[float]:
        """Round numbers, three to eight of them."""
        return _powers(self.low, self.high) if self.logarithmic else _steps(self.low, self.high)


def scale_of(values: Sequence[float], start: float, end: float, *, from_zero: bool = False) -> Scale:
    """Holds all of these values, which are not below 0, with round ends."""
    low, high = min(values), max(values)
    if not from_zero and low > 0 and high / low >= WIDE:
        return Scale(_round_down(low), _round_up(high), start, end, logarithmic=True)
    high = high or 1.0
    step = _step(high)
    return Scale(0.0, math.ceil(high / step - 1e-9) * step, start, end)


def across(scale: Scale, top: float, bottom: float, said: Callable[[float], str], title: str) -> list[Markup]:
    """An axis below, with lines up to `top`."""
    parts = [line(scale.place(tick), top, scale.place(tick), bottom, cls="grid") for tick in scale.ticks]
    parts += [text(scale.place(tick), bottom + 17, said(tick), anchor="middle") for tick in scale.ticks]
    parts.append(text((scale.start + scale.end) / 2, bottom + 36, title, anchor="middle", cls="title"))
    return parts


def upwards(scale: Scale, left: float, right: float, said: Callable[[float], str]) -> list[Markup]:
    """An axis on the left, with lines to `right`."""
    parts = [line(left, scale.place(tick), right, scale.place(tick), cls="grid") for tick in scale.ticks]
    parts += [text(left - 8, scale.place(tick) + 4, said(tick), anchor="end") for tick in scale.ticks]
    return parts


def _steps(low: float, high: float) -> list[float]:
    step = _step(high - low)
    return [low + step * number for number in range(round((high - low) / step) + 1)]


def _step(span: float) -> float:
    """1, 2 or 5 times a power of ten, so that four to eight of them make the span."""
    power = 10.0 ** math.floor(math.log10(span / 4))
    return next(power * factor for factor in (1, 2, 5, 10) if span / (power * factor) <= 8)


def _powers(low: float, high: float) -> list[float]:
    powers = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    factors = (1, 2, 5) if len(powers) <= 4 else (1,)
    return [each for power in powers for factor in factors if low <= (each := factor * 10.0**power) <= high]


def _round_down(value: float) -> float:
    power = 10.0 ** math.floor(math.log10(value))
    # Of a value just below a power of ten the logarithm may be rounded to that power.
    return max((factor * power for factor in (1, 2, 5) if factor * power <= value), default=power / 2)


def _round_up(value: float) -> float:
    power = 10.0 ** math.floor(math.log10(value))
    return min((factor * power for factor in (1, 2, 5, 10) if factor * power >= value), default=power * 20)
