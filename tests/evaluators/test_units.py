"""Units behind numbers: their sizes agree with scipy's constants, and prose is no unit."""

from fractions import Fraction

import pytest
from scipy import constants  # pyright: ignore[reportMissingTypeStubs]

from evaluators.unit_table import NAMES, SYMBOLS
from evaluators.units import unit_behind, unit_of

SIZES: list[tuple[str, str, float]] = [
    ("inch", "m", constants.inch),
    ("foot", "m", constants.foot),
    ("yard", "m", constants.yard),
    ("mile", "m", constants.mile),
    ("nmi", "m", constants.nautical_mile),
    ("Å", "m", constants.angstrom),
    ("au", "m", constants.astronomical_unit),
    ("ly", "m", constants.light_year),
    ("acre", "m^2", constants.acre),
    ("hectare", "m^2", constants.hectare),
    ("litre", "m^3", constants.liter),
    ("gallon", "m^3", constants.gallon),
    ("oz", "kg", constants.oz),
    ("pound", "kg", constants.pound),
    ("tonne", "kg", constants.metric_ton),
    ("minute", "s", constants.minute),
    ("hour", "s", constants.hour),
    ("day", "s", constants.day),
    ("week", "s", constants.week),
    ("year", "s", constants.Julian_year),
    ("km/h", "m/s", constants.kmh),
    ("mph", "m/s", constants.mph),
    ("knot", "m/s", constants.knot),
    ("degree", "rad", constants.degree),
    ("lbf", "N", constants.lbf),
    ("bar", "Pa", constants.bar),
    ("atm", "Pa", constants.atm),
    ("psi", "Pa", constants.psi),
    ("mmHg", "Pa", constants.mmHg),
    ("calorie", "J", constants.calorie),
    ("eV", "J", constants.eV),
    ("BTU", "J", constants.Btu),
    ("hp", "W", constants.hp),
    ("KiB", "bytes", constants.kibi),
    ("MiB", "bytes", constants.mebi),
    ("GiB", "bytes", constants.gibi),
    ("TiB", "bytes", constants.tebi),
    ("mg", "kg", 1e-6),
    ("micrometre", "m", constants.micro),
    ("kWh", "J", 3.6e6),
    ("quart", "gallon", 1 / 4),
    ("pint", "gallon", 1 / 8),
    ("cup", "gallon", 1 / 16),
    ("tbsp", "gallon", 1 / 256),
    ("tsp", "gallon", 1 / 768),
]


@pytest.mark.parametrize(("unit", "base", "size"), SIZES)
def test_a_unit_has_the_size_that_scipy_gives_it(unit: str, base: str, size: float) -> None:
    converted = unit_of(unit).converted(Fraction(1), unit_of(base))
    assert converted is not None
    assert float(converted) == pytest.approx(size, rel=1e-9)


@pytest.mark.parametrize(("value", "scale"), [(-40.0, "Fahrenheit"), (100.0, "Celsius"), (300.0, "Kelvin")])
@pytest.mark.parametrize("other", ["Fahrenheit", "Celsius", "Kelvin"])
def test_temperatures_are_converted_as_scipy_does(value: float, scale: str, other: str) -> None:
    converted = unit_of(scale).converted(Fraction(value), unit_of(other))
    assert converted is not None
    assert float(converted) == pytest.approx(constants.convert_temperature(value, scale, other), rel=1e-9)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        (" km.", "km"),
        (" m/s, say", "m/s"),
        (" metres per second squared", "metres per second squared"),
        ("\\,\\text{kg}$", "kg"),
        (" square miles of land", "square miles"),
        (" in.", "in"),
        (" degrees Celsius", "degrees Celsius"),
        ("°C outside", "°C"),
        (" J/(kg K)", "J"),
        ("-inch screen", "inch"),
    ],
)
def test_a_unit_is_read_as_far_as_it_goes(text: str, name: str) -> None:
    unit = unit_behind(text)
    assert unit is not None
    assert unit.name == name


@pytest.mark.parametrize("text", ["", " in total", " apples", " A students", ".", ") and m", " per day", " d'oh", " x"])
def test_prose_is_no_unit(text: str) -> None:
    assert unit_behind(text) is None


def test_every_name_leads_to_a_unit() -> None:
    assert {symbol for symbol in NAMES.values() if symbol not in SYMBOLS} == set()
    assert {name: unit_of(name).name for name in NAMES} == {name: name for name in NAMES}


@pytest.mark.parametrize("name", ["", "parsnip", "m apples", "5 km"])
def test_what_is_no_unit_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="is no unit that is known here"):
        unit_of(name)
