"""JSON as datasets have it: fast, exact for long numbers, and nothing that is not JSON."""

import json
import re
from decimal import Decimal
from typing import Any

import orjson

_LONG_NUMBER = re.compile(rb"[0-9]{16}")
"""Sixteen digits in a row may be more than a float holds."""


def parsed(text: bytes) -> Any:
    """The value; long numbers as int or Decimal, all others as int or float. Raises ValueError."""
    if not _LONG_NUMBER.search(text):
        return orjson.loads(text)
    try:
        return json.loads(text.decode(), parse_float=_number, parse_constant=_refused)
    except RecursionError as error:
        raise ValueError("it is nested too deeply") from error


def _number(text: str) -> float | Decimal:
    exact = Decimal(text)
    return float(text) if Decimal(repr(float(text))) == exact else exact


def _refused(name: str) -> float:
    raise ValueError(f"{name} is not JSON")


def canonical(value: Any) -> bytes:
    """One line, keys sorted. Raises ValueError for lone surrogates, and TypeError for what has no JSON form."""
    try:
        return orjson.dumps(value, default=_plain, option=orjson.OPT_SORT_KEYS)
    except TypeError:
        # Integers of more than 64 bits.
        text = json.dumps(
            value, default=_plain, sort_keys=True, ensure_ascii=False, separators=(",", ":"), allow_nan=False
        )
        return text.encode()


def _plain(value: object) -> float:
    if isinstance(value, Decimal):
        return float(value)
    raise TypeError(f"{type(value).__name__} has no JSON form")
