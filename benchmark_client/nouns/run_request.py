"""The request that starts a run, or estimates one."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from benchmark_client.documents import Body, document
from benchmark_client.requests import Request, given, post


def run_request(
    definition: Body | None,
    file: str | Path | None,
    benchmark: str | None,
    rest: Mapping[str, Any],
    *,
    key: str | None = None,
    dry_run: bool | None = None,
) -> Request:
    """What starts a run, or estimates one. Raises TypeError unless exactly one benchmark is told."""
    if sum(each is not None for each in (definition, file, benchmark)) != 1:
        raise TypeError("Give one of `definition`, `file` and `benchmark`.")
    changes = given(**rest)
    if changes and benchmark is None:
        raise TypeError(f"{', '.join(changes)}: only with `benchmark`; a definition says it itself.")
    body = definition if file is None else document(file)
    return post("/v1/runs", {"benchmark": benchmark, **changes} if body is None else body, key=key, dry_run=dry_run)
