"""Answers of the API about events, written by `python -m tests.benchmark_client.generation`."""

from datetime import datetime
from typing import Literal

from pydantic import JsonValue

from benchmark_client.models.answer import Answer


class Event(Answer):
    """One event, in the JSON form of CloudEvents 1.0.

    Events of a project are numbered from 1, in the order in which they came true: whoever has seen number n has
    seen
    all before it, and the next one is n + 1.
    """

    specversion: Literal["1.0"] = "1.0"
    id: str
    type: str
    source: str
    subject: str
    time: datetime
    datacontenttype: Literal["application/json"] = "application/json"
    data: dict[str, JsonValue]
