"""Answers held against the models of OpenAI's package, which its client itself does not validate."""

from typing import Any, TypeVar, cast

from openai import BaseModel

T = TypeVar("T", bound=BaseModel)
NULLS = {"error": {"code": "", "message": ""}, "seed": 0, "max_completion_tokens": 0}
"""Fields that the models want and OpenAI's own examples leave null: there was no error, nothing was asked for."""


def strictly(answer: T, *, beyond: frozenset[str] = frozenset()) -> T:
    """The answer, which has every field that its model wants, of its type, and no other but these."""
    told = answer.model_dump(by_alias=True, mode="json")
    found = type(answer).model_validate(_filled(told))
    assert _unknown(found) <= beyond
    return answer


def _filled(value: Any) -> Any:
    if isinstance(value, dict):
        told = cast("dict[str, Any]", value)
        return {name: NULLS[name] if each is None and name in NULLS else _filled(each) for name, each in told.items()}
    return [_filled(each) for each in cast("list[Any]", value)] if isinstance(value, list) else value


def _unknown(value: Any) -> set[str]:
    if isinstance(value, BaseModel):
        own = set(value.model_extra or {})
        return own.union(*(_unknown(getattr(value, name)) for name in type(value).model_fields))
    return set[str]().union(*map(_unknown, cast("list[Any]", value))) if isinstance(value, list) else set()
