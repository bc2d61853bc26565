"""The units that are known: what one of each is in base units, and by which names it goes."""

from fractions import Fraction

KINDS: dict[str, dict[str, int]] = {
    "length": {"m": 1},
    "area": {"m": 2},
    "volume": {"m": 3},
    "mass": {"g": 1},
    "time": {"s": 1},
    "speed": {"m": 1, "s": -1},
    "temperature": {"K": 1},
    "current": {"A": 1},
    "amount": {"mol": 1},
    "angle": {"rad": 1},
    "data": {"bit": 1},
    "frequency": {"s": -1},
    "force": {"g": 1, "m": 1, "s": -2},
    "pressure": {"g": 1, "m": -1, "s": -2},
    "energy": {"g": 1, "m": 2, "s": -2},
    "power": {"g": 1, "m": 2, "s": -3},
    "charge": {"A": 1, "s": 1},
    "voltage": {"g": 1, "m": 2, "s": -3, "A": -1},
    "resistance": {"g": 1, "m": 2, "s": -3, "A": -2},
}
"""Powers of metre, gram, second, kelvin, ampere, mole, radian and bit."""

TABLE: dict[str, dict[str, str]] = {
    "length": {
        "m": "1", "in": "0.0254", "ft": "0.3048", "yd": "0.9144", "mi": "1609.344", "nmi": "1852", "Å": "1e-10",
        "au": "149597870700", "ly": "9460730472580800",
    },
    "area": {"ha": "10000", "acre": "4046.8564224"},
    "volume": {
        "L": "0.001", "l": "0.001", "cc": "0.000001", "gal": "0.003785411784", "qt": "0.000946352946",
        "pt": "0.000473176473", "cup": "0.0002365882365", "tbsp": "0.00001478676478125", "tsp": "0.00000492892159375",
    },
    "mass": {"g": "1", "t": "1000000", "oz": "28.349523125", "lb": "453.59237"},
    "time": {
        "s": "1", "min": "60", "h": "3600", "d": "86400", "wk": "604800", "month": "2629800", "yr": "31557600",
        "decade": "315576000", "century": "3155760000",
    },
    "speed": {"mph": "0.44704", "kmh": "5/18", "kn": "1852/3600"},
    "temperature": {"K": "1", "°C": "1", "°F": "5/9"},
    "current": {"A": "1"},
    "amount": {"mol": "1"},
    "angle": {"rad": "1", "°": "0.017453292519943295769", "rev": "6.283185307179586477"},
    "data": {
        "bit": "1", "B": "8", "KB": "8000", "KiB": "8192", "MiB": "8388608", "GiB": "8589934592",
        "TiB": "8796093022208",
    },
    "frequency": {"Hz": "1", "rpm": "1/60"},
    "force": {"N": "1000", "lbf": "4448.2216152605"},
    "pressure": {
        "Pa": "1000", "bar": "100000000", "atm": "101325000", "psi": "6894757.293168", "mmHg": "101325000/760",
    },
    "energy": {
        "J": "1000", "cal": "4184", "Wh": "3600000", "eV": "1.602176634e-16", "BTU": "1055055.85262",
    },
    "power": {"W": "1000", "hp": "745699.87158227022"},
    "charge": {"Ah": "3600"},
    "voltage": {"V": "1000"},
    "resistance": {"Ω": "1000"},
}  # fmt: skip

SAME = {"℃": "°C", "℉": "°F", "C": "°C", "F": "°F", "°K": "K", "hr": "h", "hrs": "h", "sec": "s", "kph": "kmh"}
OWN: dict[str, tuple[Fraction, str]] = {
    symbol: (Fraction(factor), kind) for kind, units in TABLE.items() for symbol, factor in units.items()
}
SYMBOLS = OWN | {other: OWN[symbol] for other, symbol in SAME.items()}
"""Factor and kind of each."""

OFFSETS = {symbol: Fraction("273.15") for symbol in ("°C", "℃", "C")} | {
    symbol: Fraction("273.15") - 32 * Fraction(5, 9) for symbol in ("°F", "℉", "F")
}

PREFIXED = frozenset(
    ["m", "g", "s", "L", "l", "K", "A", "mol", "bit", "B", "Hz", "N", "Pa", "bar", "J", "cal", "Wh", "eV", "W", "V",
     "Ω", "Ah", "rad"]
)  # fmt: skip
"""Those that take decimal prefixes."""

SYMBOL_PREFIXES = {
    "n": Fraction(1, 10**9), "\N{MICRO SIGN}": Fraction(1, 10**6), "\N{GREEK SMALL LETTER MU}": Fraction(1, 10**6),
    "u": Fraction(1, 10**6), "m": Fraction(1, 1000), "c": Fraction(1, 100), "d": Fraction(1, 10),
    "h": Fraction(100), "k": Fraction(1000), "M": Fraction(10**6), "G": Fraction(10**9), "T": Fraction(10**12),
}  # fmt: skip
NAME_PREFIXES = {
    "nano": Fraction(1, 10**9), "micro": Fraction(1, 10**6), "milli": Fraction(1, 1000), "centi": Fraction(1, 100),
    "deci": Fraction(1, 10), "hecto": Fraction(100), "kilo": Fraction(1000), "mega": Fraction(10**6),
    "giga": Fraction(10**9), "tera": Fraction(10**12),
}  # fmt: skip

WORDS = {
    "m": "metre meter", "in": "inch", "ft": "foot", "yd": "yard", "mi": "mile", "L": "litre liter", "gal": "gallon",
    "qt": "quart", "pt": "pint", "cup": "cup", "tbsp": "tablespoon", "tsp": "teaspoon", "ha": "hectare", "acre": "acre",
    "g": "gram gramme", "t": "tonne", "oz": "ounce", "lb": "pound lb", "s": "second sec", "min": "minute min",
    "h": "hour hr", "d": "day", "wk": "week", "month": "month", "yr": "year yr", "decade": "decade",
    "century": "century", "kn": "knot", "K": "kelvin", "°C": "celsius", "°F": "fahrenheit", "A": "ampere amp",
    "mol": "mole", "rad": "radian", "°": "degree deg", "rev": "revolution turn", "bit": "bit", "B": "byte",
    "Hz": "hertz", "N": "newton", "Pa": "pascal", "bar": "bar", "atm": "atmosphere", "J": "joule", "cal": "calorie",
    "eV": "electronvolt", "BTU": "btu", "W": "watt", "hp": "horsepower", "V": "volt", "Ω": "ohm",
}  # fmt: skip
IRREGULAR = {"feet": "ft", "inches": "in", "centuries": "century"}
NAMES = {
    form: symbol for symbol, names in WORDS.items() for name in names.split() for form in (name, f"{name}s")
} | IRREGULAR
"""Symbol by name, in lower case."""

AMBIGUOUS = frozenset(
    ["in", "A", "B", "C", "F", "J", "K", "N", "V", "W", "d", "h", "l", "t", "min", "au", "pt", "turn"]
)
"""Units only at the end of what is said: `5 in total` is no length."""
