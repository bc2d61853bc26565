"""Whether the audit log is whole: every row holds the hash of the one before it."""

from core.model import Model


class BrokenLink(Model):
    """The first place where the chain does not hold."""

    link_no: int | None
    """Its place in the log, counted from 1; None where only a head that was kept tells that the log is another."""
    audit_no: int | None
    """The event there; None where it is missing."""
    reason: str


class AuditCheck(Model):
    whole: bool
    events: int
    """Rows that hold, from the first on without a gap."""
    head: str | None
    """SHA-256 of the last of them, in hexadecimal digits; None of none. Kept elsewhere, it tells later whether the log
    up to here is still the same."""
    broken: BrokenLink | None
