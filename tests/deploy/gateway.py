"""A real NGINX with the configuration of deploy/nginx, on free ports and in a folder of its own."""

import datetime
import os
import re
import shutil
import subprocess
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx2
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from cli.embedded.processes import Service, ServiceProcess
from cli.embedded.sockets import free_port
from tests.deploy.documents import DEPLOY

NGINX = shutil.which("nginx", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")


@dataclass(frozen=True)
class Gateway:
    url: str
    plain_url: str
    log: Path
    """The requests, one JSON object a line."""


def laid_out(
    folder: Path, upstream: str, servers: Sequence[str], *, burst: int | None = None
) -> tuple[list[str], int, int]:
    """Writes NGINX's files, with these servers in place of the deployment's; the command, and the ports of TLS and
    plain HTTP. With `burst`, an address may send so many requests and then one a minute."""
    secure, plain = free_port(), free_port()
    text = (DEPLOY / "nginx/nginx.conf").read_text()
    for there, here in (
        # First, for the folder may itself be below it.
        ("/tmp/", f"{folder}/"),
        ("/etc/nginx/upstream.conf", str(folder / "upstream.conf")),
        ("/etc/nginx/tls/", f"{folder}/"),
        ("/dev/stdout", str(folder / "access.log")),
        ("listen 8443 ssl", f"listen 127.0.0.1:{secure} ssl"),
        ("listen 8080", f"listen 127.0.0.1:{plain}"),
    ):
        assert there in text, f"the configuration no longer has {there!r}"
        text = text.replace(there, here)
    if burst is not None:
        assert "rate=100r/s" in text
        text = re.sub(r"burst=\d+", f"burst={burst - 1}", text.replace("rate=100r/s", "rate=1r/m"))
    (folder / "nginx.conf").write_text(text)
    names = iter(servers)
    placed = re.sub(r"server \S+", lambda _: f"server {next(names)}", (DEPLOY / "nginx" / upstream).read_text())
    (folder / "upstream.conf").write_text(placed)
    write_certificate(folder)
    extra = "daemon off;" + (" user root;" if os.geteuid() == 0 else "")
    return [str(NGINX), "-p", str(folder), "-c", str(folder / "nginx.conf"), "-g", extra], secure, plain


def checked(command: Sequence[str]) -> str:
    """What `nginx -t` says."""
    return subprocess.run((*command, "-t"), capture_output=True, text=True, check=False).stderr


@asynccontextmanager
async def gateway(folder: Path, servers: Sequence[str], *, burst: int | None = None) -> AsyncGenerator[Gateway]:
    """In front of these `host:port`s, as compose.yaml has it."""
    command, secure, plain = laid_out(folder, "upstream.compose.conf", servers, burst=burst)

    async def answers() -> bool:
        async with httpx2.AsyncClient(trust_env=False) as client:
            try:
                return (await client.get(f"http://127.0.0.1:{plain}/health")).is_success
            except httpx2.TransportError:
                return False

    process = ServiceProcess(Service(name="nginx", command=tuple(command), healthy=answers), folder / "nginx.log")
    try:
        await process.until_healthy()
        yield Gateway(f"https://127.0.0.1:{secure}", f"http://127.0.0.1:{plain}", folder / "access.log")
    finally:
        await process.stop()


def write_certificate(folder: Path) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.datetime.now(datetime.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(hours=1))
        .not_valid_after(now + datetime.timedelta(hours=1))
        .sign(key, hashes.SHA256())
    )
    (folder / "tls.crt").write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    private = serialization.PrivateFormat.PKCS8
    (folder / "tls.key").write_bytes(
        key.private_bytes(serialization.Encoding.PEM, private, serialization.NoEncryption())
    )
