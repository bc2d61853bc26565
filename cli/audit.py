"""The audit log, read and checked through the API."""

from collections.abc import Sequence

from rich.table import Table
from rich.text import Text

from cli.connection import connect
from cli.exits import CommandError, Exit
from cli.figures import thousands
from cli.listings import moment
from cli.output import put_json, say, show
from core.audit import AuditCheck, BrokenLink
from core.definitions import AuditEvent


def list_events(
    api: str | None, *, who: str | None, actions: Sequence[str] | None, subject: str | None, limit: int, as_json: bool
) -> None:
    with connect(api) as client:
        wanted = {"principal": who, "action": actions, "subject": subject}
        found = list(client.listing("/v1/audit-events", most=limit, **wanted))
    if as_json:
        put_json(found)
    elif not found:
        say("Nobody did anything of that kind yet.")
    else:
        show(_table([AuditEvent.model_validate(data, extra="ignore") for data in found]))


def verify_log(api: str | None, known: str | None, *, as_json: bool) -> None:
    """Raises CommandError when the log is not whole."""
    with connect(api) as client:
        data = client.get("/v1/audit-events/verification", known=known)
    check = AuditCheck.model_validate(data, extra="ignore")
    if as_json:
        put_json(data)
    elif check.whole:
        show(Text(f"The audit log is whole: {thousands(check.events)} events.", "green"))
        if check.head:
            show(Text(f"  head      {check.head}"))
            say("Keep the head elsewhere: `benchmark audit verify --known HEAD` tells later whether it is still there.")
    if check.broken is not None:
        raise CommandError(_said(check.broken, check.events), Exit.BELOW)


def _said(broken: BrokenLink, whole: int) -> str:
    if broken.link_no is None:
        return f"The audit log is not the one that it was. {broken.reason}"
    event = "" if broken.audit_no is None else f" (event {broken.audit_no})"
    return (
        f"The audit log is broken at row {broken.link_no}{event}, after {thousands(whole)} that hold. {broken.reason}"
    )


def _table(events: Sequence[AuditEvent]) -> Table:
    table = Table(box=None, pad_edge=False)
    for column in ("event", "when", "who", "action", "to", "with"):
        table.add_column(column, overflow="fold", no_wrap=column in ("event", "when"))
    for each in events:
        said = ", ".join(f"{name}={value}" for name, value in each.data.items())
        told = (each.principal, each.action, each.subject, said)
        table.add_row(str(each.audit_no), moment(each.created_at), *map(Text, told))
    return table
