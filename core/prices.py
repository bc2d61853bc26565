"""Prices: what a model costs here, and who says so."""

from datetime import datetime
from typing import Literal, Protocol

from pydantic import Field

from core.benchmarks import Price
from core.model import Model


class OperatorPrice(Model):
    """What the operator says a model costs, in the place of the table's price."""

    origin: str
    """Of the provider, such as `https://api.openai.com:443`."""
    model: str
    """By the name agents ask for it."""
    price: Price
    set_at: datetime
    revision: int
    """Another one with every change; a change may name the one it knows (`If-Match`)."""


class KnownPrice(Model):
    """US dollars per million tokens."""

    input: float = Field(ge=0)
    output: float = Field(ge=0)
    cached_input: float | None = Field(default=None, ge=0)
    """Of input tokens that the provider had in its cache; None where they cost as much as others."""
    source: Literal["agent", "operator", "table"]
    """Who says so, the first one counting: the agent's own `price`, the operator, the table that comes along."""
    detail: str
    """The same in words: which table, and what it calls the model."""
    since: datetime | None = None
    """When the operator set it; None where nobody says."""
    revision: int | None = None
    """Of the operator's price; None for others."""


class Prices(Protocol):
    """The operator's prices."""

    async def of(self, origin: str, model: str) -> OperatorPrice | None: ...
