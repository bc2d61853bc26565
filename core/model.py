"""The base of every value that crosses a boundary: frozen, strict about unknown fields."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, StringConstraints


class Model(BaseModel):
    """An immutable value. An unknown field is an error, so a typo cannot pass in silence."""

    model_config = ConfigDict(frozen=True, extra="forbid", ser_json_inf_nan="null")


Name = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9 ._:/@+-]{0,99}$")]
"""A name people choose: starts with a letter or digit, at most 100 characters, printable ASCII."""
