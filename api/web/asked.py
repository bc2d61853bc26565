"""What forms ask for: fields in the query of an address, in which those that were left empty ask for nothing."""

from typing import Annotated

from fastapi import Query
from pydantic import BeforeValidator, StringConstraints

Blank = BeforeValidator(lambda value: None if isinstance(value, str) and not value.strip() else value)
"""Of a field that may be left empty."""
Text = Annotated[Annotated[str, StringConstraints(max_length=1000)] | None, Blank]
Share = Annotated[Annotated[float, Query(ge=0, le=1)] | None, Blank]
Amount = Annotated[Annotated[float, Query(ge=0, le=1e9, allow_inf_nan=False)] | None, Blank]
CursorField = Annotated[Annotated[str, StringConstraints(max_length=1024)] | None, Blank]
