"""What clients send: a field that is null is one that was not sent."""

from typing import Any, cast

from pydantic import model_validator

from core.model import Model


class Sent(Model):
    @model_validator(mode="before")
    @classmethod
    def _without_nulls(cls, sent: Any) -> Any:
        if not isinstance(sent, dict):
            return sent
        return {name: value for name, value in cast("dict[str, Any]", sent).items() if value is not None}
