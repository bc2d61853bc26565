"""Answers of the API about prices, written by `python -m tests.benchmark_client.generation`."""

from datetime import datetime

from benchmark_client.models.answer import Answer
from benchmark_client.models.definitions import Price
from benchmark_client.models.runs import KnownPrice


class OperatorPrice(Answer):
    """What the operator says a model costs, in the place of the table's price."""

    origin: str
    model: str
    price: Price
    set_at: datetime
    revision: int


class PriceView(Answer):
    model: str
    origin: str
    price: KnownPrice
