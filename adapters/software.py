"""Which code makes a run's figures: the release, a digest of its source, and the packages that figures depend on."""

import hashlib
import platform
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from core.manifests import Software

DISTRIBUTION: Final = "ai-benchmark-service"
PRICE_TABLE: Final = "genai-prices"
OURS: Final = ("activities", "adapters", "core", "evaluators", "workflows")
"""The packages that asking, judging and counting are made of."""
DEPENDED_ON: Final = (
    "anthropic",
    "jinja2",
    "math-verify",
    "numpy",
    "openai",
    "rapidfuzz",
    "reasoning-gym",
    "regex",
    "rouge-score",
    "sacrebleu",
    "scipy",
    "sympy",
)


@cache
def release() -> str:
    """Of the service that is installed."""
    return version(DISTRIBUTION)


@cache
def installed_software(build: str | None) -> Software:
    """Of this process; reads the service's source once, some milliseconds. `build` is what the operator calls it."""
    found = {name: _version(name) for name in DEPENDED_ON}
    return Software(
        release=release(),
        build=build or release(),
        source=_source_digest(),
        python=platform.python_version(),
        packages={name: told for name, told in found.items() if told is not None},
        price_table=f"{PRICE_TABLE} {_version(PRICE_TABLE)}",
    )


def _version(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None


def _source_digest() -> str:
    digest = hashlib.sha256()
    for package in OURS:
        spec = find_spec(package)
        for folder in (spec.submodule_search_locations or ()) if spec else ():
            for path in sorted(Path(folder).rglob("*")):
                if path.suffix in (".py", ".yaml") and path.is_file():
                    digest.update(f"{package}/{path.relative_to(folder)}\0".encode() + path.read_bytes() + b"\0")
    return digest.hexdigest()
