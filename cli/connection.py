"""The API this command talks to, found and opened."""

import os

from benchmark_client.address import Address, find_address
from benchmark_client.errors import ClientError
from cli.client import PATIENCE_S, TIMEOUT_S, Client
from cli.exits import CommandError


def connect(told: str | None, *, timeout_s: float = TIMEOUT_S, patience_s: float = PATIENCE_S) -> Client:
    """A client for the API `told` (or found, see `benchmark_client.address`), with the key of BENCHMARK_API_KEY."""
    return Client(address_of(told), os.environ.get("BENCHMARK_API_KEY"), timeout_s=timeout_s, patience_s=patience_s)


def address_of(told: str | None) -> Address:
    """Where the API is. Raises CommandError."""
    try:
        return find_address(told)
    except ClientError as error:
        raise CommandError(str(error)) from error
