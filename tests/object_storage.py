"""A real S3 server for tests: SeaweedFS on loopback, one per test process. A pytest plugin."""

import asyncio
import itertools
import json
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from cli.embedded.processes import Service
from cli.embedded.sockets import LOOPBACK, free_port
from tests.services import running

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

PORTS = (
    "master.port", "master.port.grpc", "volume.port", "volume.port.grpc", "filer.port", "filer.port.grpc",
    "s3.port", "s3.port.grpc", "s3.port.lance",
)  # fmt: skip
_numbers = itertools.count(1)


@dataclass(frozen=True)
class S3Server:
    endpoint: str
    access_key: str = "tests"
    secret_key: str = "tests-secret"

    @property
    def environment(self) -> dict[str, str]:
        """What boto3 reads."""
        return {
            "AWS_ENDPOINT_URL_S3": self.endpoint,
            "AWS_ACCESS_KEY_ID": self.access_key,
            "AWS_SECRET_ACCESS_KEY": self.secret_key,
            "AWS_REGION": "us-east-1",
        }

    @property
    def client(self) -> "S3Client":
        make = cast("Callable[..., S3Client]", cast("Any", boto3).client)
        return make(
            "s3",
            endpoint_url=self.endpoint,
            aws_access_key_id=self.access_key,
            aws_secret_access_key=self.secret_key,
            region_name="us-east-1",
            config=Config(retries={"total_max_attempts": 1}),
        )

    def create_bucket(self, name: str) -> None:
        self.client.create_bucket(Bucket=name)

    async def answers(self) -> bool:
        """Whether it stores things: it listens some seconds before it can."""
        return await asyncio.to_thread(self._stores)

    def _stores(self) -> bool:
        try:
            # It is there already, when the server was started again.
            with suppress(ClientError):
                self.create_bucket("health")
            self.client.put_object(Bucket="health", Key="health", Body=b"well")
        except (BotoCoreError, ClientError):
            return False
        return True


def s3_service(folder: Path) -> tuple[S3Server, Service]:
    """A server that keeps its objects in this folder, and how to run it."""
    ports: dict[str, int] = {}
    for name in PORTS:
        ports[name] = free_port(avoid=ports.values())
    server = S3Server(f"http://{LOOPBACK}:{ports['s3.port']}")
    # Asked politely it takes ten seconds to go, and there is nothing to keep.
    command = _command(folder, ports, server)
    return server, Service("object storage", command, healthy=server.answers, stop_signal=signal.SIGKILL)


@pytest.fixture(scope="session")
def s3_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[S3Server]:
    folder = tmp_path_factory.mktemp("s3")
    server, service = s3_service(folder)
    with running(service, folder / "s3.log"):
        yield server


@pytest.fixture
def s3_bucket(s3_server: S3Server, monkeypatch: pytest.MonkeyPatch) -> str:
    """A fresh bucket; the environment leads boto3 to it."""
    for name, value in s3_server.environment.items():
        monkeypatch.setenv(name, value)
    bucket = f"bucket-{next(_numbers)}"
    s3_server.create_bucket(bucket)
    return bucket


def _command(folder: Path, ports: dict[str, int], server: S3Server) -> tuple[str, ...]:
    (folder / "data").mkdir()
    keys = {"accessKey": server.access_key, "secretKey": server.secret_key}
    identity = {"name": "tests", "credentials": [keys], "actions": ["Admin", "Read", "Write", "List"]}
    identities = folder / "identities.json"
    identities.write_text(json.dumps({"identities": [identity]}))
    options = {
        "dir": folder / "data",
        "ip": LOOPBACK,
        "ip.bind": LOOPBACK,
        "filer": "true",
        "filer.localSocket": folder / "filer.sock",
        "s3": "true",
        "s3.config": identities,
        "s3.iam": "false",
        "s3.autoCreateBucket": "false",
        "s3.port.iceberg": 0,
        "volume.max": 100,
        "master.volumeSizeLimitMB": 16,
        "master.telemetry": "false",
        **ports,
    }
    weed = Path(sys.executable).with_name("weed")
    return (str(weed), "server", *(f"-{name}={value}" for name, value in options.items()))
