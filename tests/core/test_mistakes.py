"""A mistake is told in the words of those who wrote the file or the body."""

from typing import Any, Literal

import pytest
from pydantic import BaseModel, Field, ValidationError, field_validator

from core.mistakes import must, own_words
from core.schedules import Calendar


class Form(BaseModel):
    count: int = Field(default=1, ge=1, le=9)
    words: tuple[str, ...] = Field(default=("a",), min_length=1, max_length=2)
    colour: Literal["red", "green"] = "red"
    ratio: float = 0.5
    yes: bool = True
    part: dict[str, int] = {}
    name: str = Field(default="x", min_length=1, max_length=3)

    @field_validator("ratio")
    @classmethod
    def _fits(cls, value: float) -> float:
        if value == 7:
            raise ValueError("a ratio of 7 is bad luck.")
        return value


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("count", "two", "must be a whole number"),
        ("count", 1.5, "must be a whole number"),
        ("count", 0, "must be at least 1"),
        ("count", 10, "must be at most 9"),
        ("words", "abc", "must be a list"),
        ("words", [], "must have at least one entry"),
        ("words", ["a", "b", "c"], "must have at most 2 entries"),
        ("words", [3], "must be text"),
        ("colour", "blue", "must be 'red' or 'green'"),
        ("ratio", "half", "must be a number"),
        ("yes", "perhaps", "must be true or false"),
        ("part", [], "must be an object"),
        ("name", "", "must have at least one character"),
        ("name", "long", "must have at most 3 characters"),
    ],
)
def test_what_a_value_must_be_is_said_plainly(field: str, value: Any, said: str) -> None:
    with pytest.raises(ValidationError) as caught:
        Form.model_validate({field: value})
    assert must(dict(caught.value.errors()[0])) == said


def test_a_check_of_ours_speaks_for_itself() -> None:
    with pytest.raises(ValidationError) as caught:
        Form.model_validate({"ratio": 7})
    error = dict(caught.value.errors()[0])
    assert (must(error), own_words(error)) == (None, "a ratio of 7 is bad luck")


def test_the_form_of_a_calendar_is_told_in_words() -> None:
    with pytest.raises(ValidationError) as found:
        Calendar(hour="nine")
    assert must(dict(found.value.errors()[0])) == (
        "must be numbers, ranges and steps, such as `9`, `1-5`, `0,30`, `*/15` or `*`"
    )
