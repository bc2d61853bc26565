"""`benchmark doctor`: is every part there, and if not, what mends it."""

import asyncio
import os
from dataclasses import asdict
from pathlib import Path
from typing import Final

from benchmark_client.address import DEV_FILE, Address
from cli.connection import address_of
from cli.embedded.folder import DataFolder
from cli.embedded.stack import process_environment
from cli.exits import CommandError, Exit
from cli.findings import Finding, findings_table
from cli.machine_checks import key_findings, machine_findings
from cli.migrations import settings
from cli.output import put_json, say, show
from cli.service_checks import api_findings, service_findings

API_URL: Final = "BENCHMARK_API_URL"
ELSEWHERE: Final = "Of one that has its data elsewhere: `benchmark doctor --data FOLDER`."


def examine(api: str | None, *, data: Path | None, as_json: bool) -> Exit:
    """Looks at everything and reports; SERVER when something is ill. Raises CommandError for settings that are wrong.

    `data` is the folder of a `benchmark dev` elsewhere.
    """
    source = take_settings_of_dev(dev_folder(Path.cwd())) if data is None else settings_of_dev(data)
    known = settings()
    found = [*machine_findings(known.code_execution), *asyncio.run(service_findings(known))]
    of_api, credentials = _of_api(api, data)
    found += [*of_api, *key_findings(credentials)]
    if as_json:
        put_json([asdict(finding) for finding in found])
    else:
        say(source)
        show(findings_table(found))
    return Exit.SERVER if any(finding.state == "ill" for finding in found) else Exit.OK


def _of_api(told: str | None, data: Path | None) -> tuple[list[Finding], list[object]]:
    try:
        return api_findings(address_for(told, data))
    except CommandError as error:
        return [Finding("API", "ill", str(error), "Write --api (or BENCHMARK_API_URL) as http://host:port.")], []


def address_for(told: str | None, data: Path | None) -> Address:
    """Which API is looked at. A folder that was typed goes before a variable that was once exported; an address that
    was typed, before both. Raises CommandError."""
    typed = told if told != os.environ.get(API_URL) else None
    addresses = DataFolder(data).addresses() if data is not None and typed is None else None
    return address_of(told) if addresses is None else Address(addresses.api_url, f"of {data}")


def settings_of_dev(folder: Path) -> str:
    """Takes the settings of the `benchmark dev` that works in the folder. Raises CommandError if none does."""
    data = DataFolder(folder) if (folder / "dev.json").exists() else None
    addresses = data.addresses() if data else None
    if data is None or addresses is None:
        raise CommandError(f"`benchmark dev` has not run in {folder}; name the folder it was given with --data.")
    if not data.busy:
        raise CommandError(
            f"`benchmark dev` ran in {data.path}, but does not now: start it with `benchmark dev --data {folder}`.",
            Exit.SERVER,
        )
    os.environ.update(process_environment(addresses, data, {}))
    return f"Settings: of the `benchmark dev` in {data.path}."


def dev_folder(folder: Path) -> Path:
    """Where `benchmark dev` left word, in the folder or above it, where every command looks; else the folder's own."""
    places = (folder.resolve(), *folder.resolve().parents)
    return next((place / DEV_FILE.parent for place in places if (place / DEV_FILE).exists()), folder / DEV_FILE.parent)


def take_settings_of_dev(folder: Path) -> str:
    """Where this folder's `benchmark dev` keeps its services is known to it alone; the environment goes first."""
    if "DATABASE_URL" in os.environ:
        return "Settings: from the environment."
    if not (folder / "dev.json").exists():
        return f"Settings: from the environment; `benchmark dev` has not run in this folder. {ELSEWHERE}"
    try:
        return settings_of_dev(folder)
    except CommandError as error:
        return f"Settings: from the environment. {error} Or set DATABASE_URL and the like for services of your own."
