"""Where the service is: as told, as `benchmark dev` left word in this folder or above it, else the usual place."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, cast

from benchmark_client.errors import ClientError

USUAL: Final = "http://127.0.0.1:8080"
DEV_FILE: Final = Path(".benchmark") / "dev.json"


@dataclass(frozen=True)
class Address:
    """An API's address and how it was found, for messages."""

    url: str
    source: str


def find_address(told: str | None, folder: Path | None = None) -> Address:
    """`told` holds what was said, or BENCHMARK_API_URL. Looks for `benchmark dev` in the folder and those above it.

    Raises ClientError for an address that cannot be one.
    """
    if told:
        return Address(_checked(told), "as told, or as BENCHMARK_API_URL says")
    here = (folder or Path.cwd()).resolve()
    for place in (here, *here.parents):
        url = _left_by_dev(place / DEV_FILE)
        if url:
            return Address(url, f"as `benchmark dev` wrote in {place / DEV_FILE}")
    return Address(USUAL, "the usual address; BENCHMARK_API_URL names another")


def _checked(url: str) -> str:
    if not url.startswith(("http://", "https://")):
        raise ClientError(f"The API's address {url!r} must begin with http:// or https://.")
    return url.rstrip("/")


def _left_by_dev(file: Path) -> str | None:
    try:
        content: Any = json.loads(file.read_text())
    except (OSError, ValueError):
        return None
    url = cast("dict[str, object]", content).get("api_url") if isinstance(content, dict) else None
    return url.rstrip("/") if isinstance(url, str) else None
