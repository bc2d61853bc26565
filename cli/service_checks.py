"""What the doctor looks at outside of this process: PostgreSQL, storage, Temporal, workers, the API, and its clock."""

import os
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from temporalio.api.workflowservice.v1 import DescribeNamespaceRequest
from temporalio.client import Client as Temporal
from temporalio.service import RPCError, RPCStatusCode

from adapters.storage.opening import open_storage
from adapters.temporal.client import connect as connect_temporal
from benchmark_client.address import Address
from benchmark_client.errors import Unreachable
from cli.client import Client
from cli.exits import CommandError
from cli.findings import Ailment, Finding, tried
from cli.key_checks import key_finding
from cli.migrations import read_versions
from cli.pollers import poller_count
from core.errors import InvalidInput, ServiceUnavailable
from core.settings import Settings

CLOCKS_APART_S: Final = 60.0
"""More breaks leases' times in logs and signatures: S3 refuses at 15 minutes, receivers of webhooks at 5."""
FORBIDDEN: Final = 403
NOBODY_SAID: Final = (
    "DATABASE_URL is not set, so this is a guess: set it as API and worker have it, or name the folder of a `benchmark "
    "dev` with --data."
)
NEWER_TABLES: Final = "Install the program that made these tables, or a newer one; tables are never taken back."


async def service_findings(known: Settings) -> list[Finding]:
    temporal = await tried(
        "Temporal", _temporal(known), "Start Temporal and set TEMPORAL_ADDRESS, or run `benchmark dev`."
    )
    database = await tried(
        "database", _database(known), "Start PostgreSQL and set DATABASE_URL, or run `benchmark dev`."
    )
    if database.state == "ill" and "database_url" not in known.model_fields_set:
        database = replace(database, remedy=NOBODY_SAID)
    found = [
        database,
        await tried("storage", _storage(known), _storage_remedy(known.storage_url)),
        temporal,
    ]
    if temporal.state == "well":
        found.append(await tried("worker", _worker(known), "Start one with `benchmark worker`."))
    return found


async def _database(known: Settings) -> Finding:
    versions = await read_versions(known.database_url)
    if versions.up_to_date:
        return Finding("database", "well", f"reachable, tables up to date ({versions.found})")
    said = f"reachable, but its tables are at {versions.found or 'nothing'}, not {versions.wanted}"
    return Finding("database", "ill", said, "Run `benchmark db upgrade`." if versions.older else NEWER_TABLES)


async def _storage(known: Settings) -> Finding:
    if "storage_url" not in known.model_fields_set:
        return _storage_unasked(known.storage_url)
    try:
        await open_storage(known.storage_url).check()
    except InvalidInput as error:
        raise Ailment(str(error), "Set BENCHMARK_STORAGE_URL to such an address.") from error
    return Finding("storage", "well", f"{known.storage_url} can be written")


def _storage_unasked(url: str) -> Finding:
    """Of the folder that nobody named: looked at, and neither made nor written to."""
    folder = Path(urlsplit(url).path)
    if folder.is_dir() and os.access(folder, os.W_OK):
        return Finding("storage", "well", f"{url} can be written (BENCHMARK_STORAGE_URL is not set)")
    raise Ailment(
        f"BENCHMARK_STORAGE_URL is not set, and {folder}, where objects then go, cannot be written.",
        "Set it as API and worker have it: file:///folder or s3://bucket/prefix.",
    )


def _storage_remedy(url: str) -> str:
    if url.startswith("s3:"):
        return (
            "Look at the bucket's name in BENCHMARK_STORAGE_URL, at AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, and "
            "at AWS_ENDPOINT_URL_S3 if the bucket is not at AWS."
        )
    return "Let the user who runs API and worker write there, or set BENCHMARK_STORAGE_URL to another folder."


async def _temporal(known: Settings) -> Finding:
    client = await _connected(known)
    try:
        await client.workflow_service.describe_namespace(DescribeNamespaceRequest(namespace=client.namespace))
    except RPCError as error:
        if error.status != RPCStatusCode.NOT_FOUND:
            raise ServiceUnavailable(f"Temporal at {known.temporal_address} says: {error.message}.") from error
        raise Ailment(
            f"Temporal at {known.temporal_address} has no namespace {client.namespace!r}.",
            f"Make it with `temporal operator namespace create --namespace {client.namespace}`, or name another one in "
            "TEMPORAL_NAMESPACE.",
        ) from error
    return Finding("Temporal", "well", f"reachable at {known.temporal_address}, namespace {client.namespace!r}")


async def _connected(known: Settings) -> Temporal:
    try:
        return await connect_temporal(address=known.temporal_address, namespace=known.temporal_namespace)
    except ServiceUnavailable as error:
        address = known.temporal_address
        if "dns error" in str(error):
            raise Ailment(
                f"There is no host of the name in {address!r}.",
                "Set TEMPORAL_ADDRESS to host:port, such as localhost:7233.",
            ) from error
        raise Ailment(
            f"Temporal does not answer at {address}.",
            "Start Temporal there, or name another server in TEMPORAL_ADDRESS; `benchmark dev` brings its own.",
        ) from error


async def _worker(known: Settings) -> Finding:
    count = await poller_count(await _connected(known), known.task_queue)
    if count:
        return Finding("worker", "well", f"{count} polling the task queue {known.task_queue!r}")
    raise Ailment(
        f"none polls the task queue {known.task_queue!r}: runs wait",
        "Start one with `benchmark worker`, or run `benchmark dev`; a worker elsewhere must have this "
        "TEMPORAL_ADDRESS, TEMPORAL_NAMESPACE and BENCHMARK_TASK_QUEUE.",
    )


def api_findings(address: Address) -> tuple[list[Finding], list[Any]]:
    """Of the API and of the clocks, and the credentials that are stored behind it."""
    try:
        with Client(address, os.environ.get("BENCHMARK_API_KEY"), patience_s=0) as client:
            _recognise(client)
            client.get("/ready")
            key = key_finding(client)
            credentials = list(client.listing("/v1/credentials", most=100)) if _may_read(client) else []
            clock = _clock(client)
    except Ailment as ailment:
        return [ailment.finding("API")], []
    except CommandError as error:
        return [Finding("API", "ill", str(error), _api_remedy(error))], []
    found = [Finding("API", "well", f"ready at {address.url} ({address.source}), and lets us in"), key, clock]
    return [each for each in found if each is not None], credentials


def _may_read(client: Client) -> bool:
    """Whether we may look at runs and settings: a key need not. Raises CommandError."""
    try:
        client.get("/v1/runs", limit=1)
    except CommandError as error:
        if getattr(error, "status", None) == FORBIDDEN:
            return False
        raise
    return True


def _recognise(client: Client) -> None:
    """Raises Ailment if somebody else answers there, and CommandError if nobody does."""
    said = ""
    try:
        version: Any = client.get("/version")
    except CommandError as error:
        if isinstance(lost := error.__cause__, Unreachable) and (lost.timed_out or not lost.sent):
            raise
        version, said = None, f" ({str(error).splitlines()[0]})"
    if not isinstance(version, dict) or "version" not in version:
        raise Ailment(
            f"Whoever answers at {client.address.url} is not the benchmark service{said}: its port is taken.",
            "Stop that program, or serve on another port (`benchmark serve --port 8081`) and name it with --api.",
        )


def _api_remedy(error: CommandError) -> str:
    match getattr(error, "status", None):
        case 401 | 403:
            return (
                "Set BENCHMARK_API_KEY to the key that the API was started with, or to one of `benchmark keys create`."
            )
        case 503:
            return "Mend what is ill above, as the API's own settings have it; its log says more."
        case _:
            away = isinstance(error.__cause__, Unreachable) and not error.__cause__.sent
            return (
                "Start one with `benchmark serve`, or run `benchmark dev`." if away else "Its log says what keeps it."
            )


def _clock(client: Client) -> Finding:
    apart = (datetime.now(UTC) - client.date()).total_seconds()
    if abs(apart) <= CLOCKS_APART_S:
        return Finding("clock", "well", "agrees with the API's")
    said = f"this machine's clock is {abs(apart):,.0f} s {'ahead of' if apart > 0 else 'behind'} the API's"
    return Finding("clock", "ill", said, "Set the one that is wrong, by NTP for example: `timedatectl set-ntp true`.")
