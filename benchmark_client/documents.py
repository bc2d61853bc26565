"""Bodies of requests: values, answers that are sent back, or files of JSON or YAML."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final, TypeAlias

from pydantic import BaseModel

from benchmark_client.errors import ClientError
from benchmark_client.requests import JSON, Document

Body: TypeAlias = Mapping[str, Any] | BaseModel
YAML: Final = "application/yaml"


def document(file: str | Path) -> Document:
    """The file as it is; the service reads it. Raises ClientError when it cannot be had."""
    return Document(content_of(file), JSON if Path(file).suffix == ".json" else YAML)


def content_of(file: str | Path) -> bytes:
    """Raises ClientError."""
    try:
        return Path(file).read_bytes()
    except OSError as error:
        raise ClientError(f"{file} cannot be read: {error.strerror or error}.") from error
