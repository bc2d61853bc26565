"""The API this command talks to, found and opened."""

import os

from cli.address import find_address
from cli.client import TIMEOUT_S, Client


def connect(told: str | None, *, timeout_s: float = TIMEOUT_S) -> Client:
    """A client for the API `told` (or found, see `cli.address`), with the key of BENCHMARK_API_KEY."""
    return Client(find_address(told), os.environ.get("BENCHMARK_API_KEY"), timeout_s=timeout_s)
