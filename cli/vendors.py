"""Model vendors whose keys are read from the environment, and who would miss one."""

import os
from collections.abc import Iterator, Sequence
from typing import Any, Final, NamedTuple, cast


class Vendor(NamedTuple):
    variable: str
    kind: str
    origin: str


VENDORS: Final = (
    Vendor("OPENAI_API_KEY", "openai", "https://api.openai.com"),
    Vendor("ANTHROPIC_API_KEY", "anthropic", "https://api.anthropic.com"),
)


def missing_keys(agents: Sequence[Any]) -> Iterator[str]:
    """Of agents as they are posted: a sentence for each that needs a key not set here; the worker may have it."""
    for agent in agents:
        if not isinstance(agent, dict):
            continue
        named = cast("dict[str, Any]", agent)
        settings: dict[str, Any] = named["agent"]
        vendor = next((each for each in VENDORS if each.kind == settings.get("kind")), None)
        if vendor is None or settings.get("base_url") or settings.get("credential") or os.environ.get(vendor.variable):
            continue
        yield (
            f"Note: {named['name']} needs {vendor.variable}, which is not set here. If it is not set where the worker "
            f"runs either, every question fails; `benchmark agents test {vendor.kind}:{settings.get('model')}` tries "
            "whether it is."
        )
