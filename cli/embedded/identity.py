"""As whom PostgreSQL runs: it refuses to be root, so root starts it as somebody else.

That user must get at the cluster and the programs even when a folder above them is private (a home of
mode 0700): it is then given the one capability to pass through, rather than opening the folder to everybody.
"""

import os
import pwd
import shutil
import stat
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from cli.embedded.errors import ServiceFailed

CANDIDATES = ("postgres", "nobody")


@dataclass(frozen=True)
class Identity:
    """Who runs the server: user and group id."""

    user: int
    group: int

    @property
    def is_self(self) -> bool:
        return self.user == os.geteuid()


def identity_for(cluster: Path) -> Identity:
    """The owner of an existing cluster; for a new one ourselves, or an unprivileged user if we are root."""
    if (cluster / "PG_VERSION").exists():
        owner = cluster.stat()
        return _usable(cluster, Identity(owner.st_uid, owner.st_gid))
    if os.geteuid() != 0:
        return Identity(os.geteuid(), os.getegid())
    for name in CANDIDATES:
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return Identity(entry.pw_uid, entry.pw_gid)
    raise ServiceFailed("PostgreSQL does not run as root, and this machine has no user `postgres` or `nobody`.")


def _usable(cluster: Path, owner: Identity) -> Identity:
    if os.geteuid() not in (0, owner.user):
        raise ServiceFailed(
            f"The database in {cluster} belongs to user {owner.user}; start as that user, or name another folder."
        )
    if owner.user == 0:
        raise ServiceFailed(f"The database in {cluster} belongs to root, as whom PostgreSQL does not run; chown it.")
    return owner


def prefix(identity: Identity, *, orphan_signal: str, paths: Iterable[Path]) -> tuple[str, ...]:
    """The command in front of a program that makes it run as this user. Raises ServiceFailed if that cannot be."""
    if identity.is_self:
        return ()
    setpriv = shutil.which("setpriv")
    if setpriv is None:
        raise ServiceFailed("To start PostgreSQL as root, install setpriv (package util-linux), or start as a user.")
    who = (f"--reuid={identity.user}", f"--regid={identity.group}", "--clear-groups", f"--pdeathsig={orphan_signal}")
    if all(_open_to_all(path) for path in paths):
        return (setpriv, *who, "--inh-caps=-all")
    # Without the securebit, access(2) would ignore the capability, and initdb asks it about its own programs.
    bits = ("--securebits=+no_setuid_fixup", "--inh-caps=-all,+dac_override", "--ambient-caps=+dac_override")
    return (setpriv, *who, *bits)


def _open_to_all(path: Path) -> bool:
    """Whether anybody may pass through every folder above the path."""
    return all(folder.stat().st_mode & stat.S_IXOTH for folder in path.resolve().parents)
