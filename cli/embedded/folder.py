"""The data folder of `benchmark dev`: what lies where, and that only one supervisor works in it.

.benchmark/
  dev.json      where the services listen
  lock          held while a supervisor runs
  logs/         one file for each service
  objects/      object storage: datasets and reports
  postgres/     the cluster and its password
  secrets.json  the key that stored credentials are encrypted with
  temporal/     Temporal's database
"""

import base64
import fcntl
import os
import secrets
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from pydantic import Field, SecretStr, ValidationError, field_serializer

from cli.embedded.errors import FolderInUse
from core.model import Model


class Addresses(Model):
    """Where the services of a data folder listen, or did when they last ran."""

    pid: int
    """The supervisor."""
    api_url: str
    api_port: int
    postgres_port: int
    temporal_address: str
    temporal_port: int
    temporal_namespace: str
    temporal_ui_url: str
    temporal_ui_port: int
    model_port: int | None = None
    """The small language model, when it is served."""
    storage_url: str
    logs: Path


class Secrets(Model):
    """What must stay the same from one start to the next."""

    secret_key: SecretStr = Field(default_factory=lambda: SecretStr(_fernet_key()))

    @field_serializer("secret_key", when_used="json")
    def _plain(self, key: SecretStr) -> str:
        return key.get_secret_value()


class DataFolder:
    """A folder on this machine that the services keep their data in. Makes it, hidden from git."""

    def __init__(self, path: Path) -> None:
        self.path = path.expanduser().resolve()
        self.path.mkdir(parents=True, exist_ok=True)
        ignore = self.path / ".gitignore"
        if not ignore.exists():
            ignore.write_text("*\n")

    @property
    def logs(self) -> Path:
        return self.path / "logs"

    @property
    def postgres(self) -> Path:
        return self.path / "postgres"

    @property
    def temporal_database(self) -> Path:
        return self.path / "temporal" / "temporal.db"

    @property
    def objects(self) -> Path:
        folder = self.path / "objects"
        folder.mkdir(exist_ok=True)
        return folder

    @contextmanager
    def locked(self) -> Generator[None]:
        """Holds the folder for this process; the kernel lets go when it dies. Raises FolderInUse."""
        with (self.path / "lock").open("a+") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                raise FolderInUse(self._who_holds_it()) from error
            yield

    @property
    def busy(self) -> bool:
        """Whether a supervisor works in the folder at this moment."""
        try:
            with self.locked():
                return False
        except FolderInUse:
            return True

    def _who_holds_it(self) -> str:
        known = self.addresses()
        holder = f" (process {known.pid}, API at {known.api_url})" if known else ""
        return (
            f"Another `benchmark dev`{holder} works in {self.path}; "
            "use that one, stop it, or name another folder with --data."
        )

    def addresses(self) -> Addresses | None:
        """Where the services last listened; None when they never ran here."""
        try:
            return Addresses.model_validate_json((self.path / "dev.json").read_bytes())
        except (FileNotFoundError, ValidationError):
            return None

    def remember(self, addresses: Addresses) -> None:
        """Leaves the addresses for the other commands, and for the next start."""
        _write_private(self.path / "dev.json", addresses.model_dump_json(indent=2))

    def secrets(self) -> Secrets:
        """Made on the first call, the same ever after."""
        file = self.path / "secrets.json"
        if not file.exists():
            _write_private(file, Secrets().model_dump_json())
        return Secrets.model_validate_json(file.read_bytes())


def _write_private(file: Path, text: str) -> None:
    """Replaces the file at once, readable by its owner only."""
    draft = file.with_name(f".{file.name}.{os.getpid()}")
    draft.unlink(missing_ok=True)
    draft.touch(mode=0o600)
    draft.write_text(text)
    draft.replace(file)


def _fernet_key() -> str:
    return base64.urlsafe_b64encode(secrets.token_bytes(32)).decode()
