"""Numbers survive the ways they are written, and no text takes long to read."""

import time
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evaluators.numbers import first_number, last_number


@given(st.integers(min_value=-(10**15), max_value=10**15))
def test_a_whole_number_is_read_with_and_without_separators(number: int) -> None:
    for written in (str(number), f"{number:,}", f"{number:,}.00", f"It is {number}.", f"x = {number:,}"):
        found = last_number(written)
        assert found is not None
        assert found.value == number


@given(st.integers(-9999, 9999), st.integers(1, 9999))
def test_a_fraction_is_read_exactly(above: int, below: int) -> None:
    for written in (f"{above}/{below}", f"\\boxed{{{above}/{below}}}"):
        found = first_number(written)
        assert found is not None
        assert found.value == Fraction(above, below)


@given(st.decimals(-(10**6), 10**6, places=4))
def test_a_decimal_is_read_exactly(number: object) -> None:
    found = last_number(f"about ${number}.")
    assert found is not None
    assert found.value == Fraction(str(number))


@given(st.text())
def test_any_text_can_be_read(text: str) -> None:
    first_number(text)
    last_number(text)


@given(st.text(alphabet="0123456789,.-+/$% =*x^e\\{}", max_size=300))
def test_any_soup_of_digits_and_signs_can_be_read(text: str) -> None:
    first_number(text)
    last_number(text)


@pytest.mark.parametrize(
    "text",
    [
        "1" * 200_000,
        "1,234" * 40_000,
        "9/" * 100_000,
        "5 - " * 50_000,
        "1 = " * 50_000,
        "\\frac{" * 40_000,
        "- " * 99_999,
    ],
    ids=["digits", "groups", "slashes", "minus", "equals", "fractions", "bullets"],
)
def test_a_long_hostile_text_is_read_in_well_under_a_second(text: str) -> None:
    started = time.process_time()
    first_number(text)
    last_number(text)
    assert time.process_time() - started < 1
