"""What the doctor looks at in the key that this environment has for the API: what it may do, and until when."""

from datetime import UTC, datetime, timedelta
from typing import Any, Final

from cli.client import Client
from cli.exits import CommandError
from cli.findings import Finding
from cli.listings import moment
from core.api_keys import OPERATOR, Whoami

PART: Final = "API key"
SOON: Final = timedelta(days=7)
NOT_FOUND: Final = 404
BY_ADMIN: Final = "by a key with admin:full"
WANTED: Final = {
    "benchmark:read": "looking at runs and settings",
    "benchmark:write": "starting and changing runs",
    "results:read": "reading answers and figures",
}


def key_finding(client: Client, now: datetime | None = None) -> Finding | None:
    """None for an API that does not tell. Raises CommandError."""
    try:
        told: Any = client.get("/v1/whoami")
    except CommandError as error:
        if getattr(error, "status", None) == NOT_FOUND:
            return None
        raise
    return found_of(Whoami.model_validate(told, extra="ignore"), now or datetime.now(UTC))


def found_of(caller: Whoami, now: datetime) -> Finding:
    if caller.through == "this_machine":
        said = f"none is needed on this machine: BENCHMARK_API_KEY is not set where the API runs; we are {OPERATOR!r}"
        return Finding(PART, "well", said)
    if caller.through == "operator_key":
        return Finding(PART, "well", "the operator's, which may do everything; others come of `benchmark keys create`")
    update = f"benchmark keys update {caller.api_key_id}"
    missing = [scope for scope in WANTED if scope not in caller.scopes and "admin:full" not in caller.scopes]
    until = "never expires" if caller.expires_at is None else f"expires at {moment(caller.expires_at)}"
    said = f"{caller.name!r} has {', '.join(caller.scopes)}, and {until}"
    if caller.expires_at is not None and caller.expires_at - now < SOON:
        return Finding(PART, "note", said, f"Have its expiry moved {BY_ADMIN}: `{update} --expires 90d`.")
    if missing:
        lacks = "; ".join(f"{scope} is for {WANTED[scope]}" for scope in missing)
        scopes = " ".join(f"--scope {scope}" for scope in sorted({*caller.scopes, *missing}))
        remedy = (
            f"If it is to do that, too: `benchmark keys update {caller.api_key_id} {scopes}`, by a key with admin:full."
        )
        return Finding(PART, "note", f"{said}; {lacks}", remedy)
    return Finding(PART, "well", said)
