"""The HTTP stack against a real server on loopback: what it sends, keeps, refuses and survives."""

import asyncio
import gzip
import resource
import socket
import ssl
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from aiohttp.abc import AbstractResolver, ResolveResult
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from yarl import URL

from adapters.network.guard import NetworkGuard
from adapters.network.transport import HttpPool
from core.errors import BadAnswer, TargetRefused, TimedOut, Unavailable
from tests.providers import Bomb, Hangs, Provider, Resets, Sends, Status, Trickles


@pytest.fixture
async def provider() -> AsyncIterator[Provider]:
    async with Provider() as provider:
        yield provider


@pytest.fixture
async def pool() -> AsyncIterator[HttpPool]:
    async with HttpPool(NetworkGuard(["loopback"])) as pool:
        yield pool


async def post(pool: HttpPool, url: str, *, timeout_s: float = 5, limit: int = 1_000_000) -> bytes:
    response = await pool.send("POST", URL(url), headers={}, body=b"{}", timeout_s=timeout_s, limit=limit)
    return response.body


async def test_an_exchange_gives_status_headers_and_body(pool: HttpPool, provider: Provider) -> None:
    provider.next(Sends(b"hello", status=418, headers={"X-Tea": "yes"}))
    response = await pool.send("PUT", URL(provider.url), headers={"X-A": "1"}, body=b"abc", timeout_s=5)
    assert (response.status, response.headers["x-tea"], response.body) == (418, "yes", b"hello")
    assert (provider.log[0].method, provider.log[0].content, provider.log[0].headers["x-a"]) == ("PUT", b"abc", "1")


async def test_a_hundred_calls_at_once_do_not_wait_for_each_other(pool: HttpPool, provider: Provider) -> None:
    gate = asyncio.Event()

    async def wait_for_all(_asked: object) -> str:
        if provider.in_flight == 100:
            gate.set()
        await gate.wait()
        return "42"

    async with Provider(wait_for_all) as provider:
        async with asyncio.timeout(20), asyncio.TaskGroup() as group:
            for _ in range(100):
                group.create_task(post(pool, f"{provider.url}/chat/completions", timeout_s=20))
        assert provider.most_in_flight == 100


async def test_a_body_that_is_split_into_many_parts_arrives_whole(pool: HttpPool, provider: Provider) -> None:
    body = bytes(range(256)) * 4000
    provider.next(Sends(body), Sends(gzip.compress(body), headers={"Content-Encoding": "gzip"}))
    assert await post(pool, provider.url, limit=2_000_000) == body
    assert await post(pool, provider.url, limit=2_000_000) == body


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        "localhost",
        "2130706433",
        "0x7f000001",
        "0177.0.0.1",
        "127.1",
        "[::1]",
        "[::ffff:127.0.0.1]",
        "①②⑦.⓪.⓪.①",
    ],
)
async def test_every_spelling_of_loopback_is_refused_in_the_same_words(host: str, provider: Provider) -> None:
    async with HttpPool(NetworkGuard()) as pool:
        with pytest.raises(TargetRefused) as caught:
            await post(pool, f"http://{host}:{URL(provider.url).port}/v1")
    sentence = str(caught.value).split(" ", 1)[1]
    assert sentence == "is not a public address, and BENCHMARK_NETWORK_ALLOW does not list it; " + (
        "an operator may add it there."
    )
    assert provider.log == []


async def test_a_name_that_changes_its_address_after_the_check_is_still_refused(provider: Provider) -> None:
    class Rebinding(AbstractResolver):
        async def resolve(
            self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
        ) -> list[ResolveResult]:
            return [ResolveResult(hostname=host, host="127.0.0.1", port=port, family=family, proto=0, flags=0)]

        async def close(self) -> None:
            return None

    async with HttpPool(NetworkGuard(), resolver=Rebinding()) as pool:
        with pytest.raises(TargetRefused, match=r"innocent\.example"):
            await post(pool, f"http://innocent.example:{URL(provider.url).port}/v1")
    assert provider.log == []


async def test_a_redirect_is_not_followed(pool: HttpPool, provider: Provider) -> None:
    provider.next(Status(302, headers={"Location": f"{provider.root}/secret"}))
    response = await pool.send("POST", URL(provider.url), headers={}, body=b"", timeout_s=5)
    assert response.status == 302
    assert len(provider.log) == 1


async def test_a_proxy_in_the_environment_is_ignored(
    pool: HttpPool, provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:9")
    assert b"42" in await post(pool, f"{provider.url}/chat/completions")


async def test_cookies_of_one_answer_are_not_sent_with_the_next_request(pool: HttpPool, provider: Provider) -> None:
    provider.next(Sends(b"{}", headers={"Set-Cookie": "a=b"}))
    await post(pool, provider.url)
    await post(pool, provider.url)
    assert "cookie" not in provider.log[1].headers


@pytest.mark.parametrize("behaviour", [Hangs(), Trickles()])
async def test_the_deadline_holds_for_the_whole_exchange(
    behaviour: Hangs | Trickles, pool: HttpPool, provider: Provider
) -> None:
    provider.next(behaviour)
    started = asyncio.get_running_loop().time()
    with pytest.raises(TimedOut, match=r"127\.0\.0\.1 gave no complete answer within 0\.3 s"):
        await post(pool, provider.url, timeout_s=0.3)
    assert asyncio.get_running_loop().time() - started < 1.5


async def test_an_answer_over_the_limit_is_no_answer(pool: HttpPool, provider: Provider) -> None:
    provider.next(Sends(b"x" * 1001))
    with pytest.raises(BadAnswer, match="more than 1000 bytes") as caught:
        await post(pool, provider.url, limit=1000)
    assert caught.value.raw.startswith("xxxx")


async def test_a_gzip_bomb_is_cut_off_before_it_fills_the_memory(pool: HttpPool, provider: Provider) -> None:
    provider.next(Bomb(size=200_000_000))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with pytest.raises(BadAnswer, match="more than 1000000 bytes"):
        await post(pool, provider.url, limit=1_000_000, timeout_s=60)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 30_000


@pytest.mark.parametrize(
    "behaviour",
    [
        Resets(),
        Sends(b'{"id":', claimed=1000),
        Sends(b"no gzip at all", headers={"Content-Encoding": "gzip"}),
    ],
)
async def test_a_broken_exchange_is_unavailable_and_never_half_an_answer(
    behaviour: Resets | Sends, pool: HttpPool, provider: Provider
) -> None:
    provider.next(behaviour)
    with pytest.raises(Unavailable, match=r"127\.0\.0\.1"):
        await post(pool, provider.url)
    assert len(provider.log) == 1


@pytest.mark.parametrize("method", ["GET", "PUT", "POST"])
async def test_nothing_is_sent_again_when_a_kept_connection_breaks(
    method: str, pool: HttpPool, provider: Provider
) -> None:
    provider.next(Sends(b"first"), Resets())
    await pool.send(method, URL(provider.url), headers={}, timeout_s=5)
    with pytest.raises(Unavailable, match="connection to 127"):
        await pool.send(method, URL(provider.url), headers={}, timeout_s=5)
    assert len(provider.log) == 2
    assert provider.log[0].connection == provider.log[1].connection


async def test_a_certificate_that_nobody_vouches_for_is_not_trusted(pool: HttpPool, tmp_path: Path) -> None:
    async with await asyncio.start_server(
        lambda _reader, writer: writer.close(), "127.0.0.1", 0, ssl=self_signed(tmp_path)
    ) as server:
        port = server.sockets[0].getsockname()[1]
        with pytest.raises(Unavailable, match=r"127\.0\.0\.1 offers no trusted encrypted connection"):
            await post(pool, f"https://127.0.0.1:{port}/")


async def test_a_closed_port_is_unavailable(pool: HttpPool) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        port = closed.getsockname()[1]
        with pytest.raises(Unavailable, match=f"127.0.0.1:{port} does not accept connections"):
            await post(pool, f"http://127.0.0.1:{port}/")


async def test_an_unknown_name_is_unavailable(pool: HttpPool) -> None:
    with pytest.raises(Unavailable, match=r"nowhere\.invalid cannot be found"):
        await post(pool, "http://nowhere.invalid/")


async def test_a_stream_gives_the_body_in_chunks_and_keeps_the_limit(pool: HttpPool, provider: Provider) -> None:
    provider.next(Sends(b"y" * 300_000), Sends(b"y" * 300_000))
    async with pool.stream("GET", URL(provider.url), headers={}, timeout_s=5, limit=300_000) as stream:
        assert b"".join([chunk async for chunk in stream.chunks]) == b"y" * 300_000
    with pytest.raises(BadAnswer, match="more than 1000 bytes"):
        async with pool.stream("GET", URL(provider.url), headers={}, timeout_s=5, limit=1000) as stream:
            [chunk async for chunk in stream.chunks]


async def test_a_slow_stream_keeps_its_deadline(pool: HttpPool, provider: Provider) -> None:
    provider.next(Trickles())
    with pytest.raises(TimedOut):
        async with pool.stream("GET", URL(provider.url), headers={}, timeout_s=0.3, limit=1000) as stream:
            [chunk async for chunk in stream.chunks]


async def test_an_error_of_who_reads_a_stream_stays_his_own(pool: HttpPool, provider: Provider) -> None:
    provider.next(Sends(b"data"))
    with pytest.raises(OSError, match="disk full"):
        async with pool.stream("GET", URL(provider.url), headers={}, timeout_s=5, limit=1000):
            raise OSError("disk full")


def self_signed(folder: Path) -> ssl.SSLContext:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    certificate = x509.CertificateBuilder(
        issuer_name=name,
        subject_name=name,
        public_key=key.public_key(),
        serial_number=1,
        not_valid_before=now - timedelta(days=1),
        not_valid_after=now + timedelta(days=1),
    ).sign(key, hashes.SHA256())
    chain = folder / "server.pem"
    plain = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    chain.write_bytes(key.private_bytes(*plain) + certificate.public_bytes(serialization.Encoding.PEM))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(chain)
    return context
