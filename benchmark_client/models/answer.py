"""What all answers have in common: they are frozen, and keep what a newer service tells besides."""

from typing import Generic, TypeVar

from pydantic import BaseModel, ConfigDict

T = TypeVar("T")


class Answer(BaseModel):
    """Fields that this version of the client does not know are in `model_extra`."""

    model_config = ConfigDict(
        frozen=True, extra="allow", populate_by_name=True, protected_namespaces=(), defer_build=True
    )


class Other(Answer):
    """A form of an answer that is newer than this client."""


class Page(Answer, Generic[T]):
    """One page of a list. There is more as long as `next_cursor` is not None."""

    items: tuple[T, ...]
    next_cursor: str | None = None
