"""The API as processes: the door it keeps shut, a socket shared by several, stopping without dropping anybody."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import asyncpg
import httpx2

from api.security import refuse_open_door
from cli.embedded.sockets import free_port
from core.settings import Settings
from tests.api.bodies import definition
from tests.api.conftest import problem

NIGHTLY = {"Idempotency-Key": "nightly"}


def environment(settings: Settings, port: int, **besides: str) -> dict[str, str]:
    return {
        **os.environ,
        "DATABASE_URL": settings.database_url,
        "TEMPORAL_ADDRESS": settings.temporal_address,
        "BENCHMARK_STORAGE_URL": settings.storage_url,
        "BENCHMARK_API_PORT": str(port),
        **besides,
    }


@asynccontextmanager
async def serving(settings: Settings, *arguments: str) -> AsyncGenerator[tuple[asyncio.subprocess.Process, str]]:
    """A server of its own process group, answering, and its address."""
    port = free_port()
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "api.serve", *arguments),
        env=environment(settings, port),
        stderr=asyncio.subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        url = f"http://127.0.0.1:{port}"
        async with asyncio.timeout(60), httpx2.AsyncClient(trust_env=False) as client:
            while True:
                try:
                    await client.get(f"{url}/health")
                    break
                except httpx2.TransportError:
                    await asyncio.sleep(0.1)
        yield process, url
    finally:
        if process.returncode is None:
            process.send_signal(signal.SIGTERM)
            await asyncio.wait_for(process.wait(), 30)


def test_without_a_key_only_this_machine_may_be_listened_on() -> None:
    for host in ("127.0.0.1", "localhost", "::1"):
        assert refuse_open_door(Settings(api_host=host)) is None
    for host in ("0.0.0.0", "::", "10.0.0.5", "", "example.com"):
        refusal = refuse_open_door(Settings(api_host=host))
        assert refusal is not None
        assert "Set BENCHMARK_API_KEY" in refusal


async def test_an_open_door_is_refused_before_anything_listens(settings: Settings) -> None:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "api.serve"),
        env=environment(settings, free_port(), BENCHMARK_API_HOST="0.0.0.0"),
        stderr=asyncio.subprocess.PIPE,
    )
    _, said = await asyncio.wait_for(process.communicate(), 60)
    assert process.returncode == 2
    assert b"Set BENCHMARK_API_KEY" in said


async def test_several_processes_share_one_port_one_key_store_and_one_sum_of_metrics(settings: Settings) -> None:
    async with serving(settings, "--processes", "2") as (process, url):
        async with httpx2.AsyncClient(trust_env=False, timeout=30) as api:
            headers = {"Idempotency-Key": "once", "Connection": "close"}
            answers = await asyncio.gather(
                *(api.post(f"{url}/v1/runs", json=definition(), headers=headers) for _ in range(12))
            )
            done = [answer for answer in answers if answer.status_code == 202]
            assert done
            assert {answer.status_code for answer in answers} <= {202, 409}
            assert len({answer.json()["run_id"] for answer in done}) == 1
            assert len((await api.get(f"{url}/v1/runs")).json()["items"]) == 1
            metrics = (await api.get(f"{url}/metrics")).text
            accepted = f'benchmark_requests_total{{method="POST",route="/v1/runs",status="202"}} {len(done)}.0'
            assert accepted in metrics
        process.send_signal(signal.SIGTERM)
        assert await asyncio.wait_for(process.wait(), 30) == 0


async def test_killing_the_parent_leaves_no_process_behind(settings: Settings) -> None:
    async with serving(settings, "--processes", "2") as (process, url):
        process.kill()
        await process.wait()
        async with asyncio.timeout(20), httpx2.AsyncClient(trust_env=False) as api:
            while True:
                try:
                    await api.get(f"{url}/health", headers={"Connection": "close"})
                except httpx2.ConnectError:
                    return
                except httpx2.TransportError:
                    pass
                await asyncio.sleep(0.1)


async def test_a_request_in_flight_is_answered_before_the_process_ends(settings: Settings) -> None:
    async with (
        serving(settings) as (process, url),
        answers_kept_slowly(settings),
        httpx2.AsyncClient(trust_env=False, timeout=30) as api,
    ):
        asking = asyncio.create_task(api.post(f"{url}/v1/runs", json=definition(), headers=NIGHTLY))
        await _recorded(api, url)
        assert not asking.done()
        process.send_signal(signal.SIGTERM)
        assert (await asking).status_code == 202
        await asyncio.wait_for(process.wait(), 30)
        assert process.returncode in (0, -signal.SIGTERM)


async def test_who_takes_over_from_a_killed_process_makes_the_same_run(settings: Settings) -> None:
    async with httpx2.AsyncClient(trust_env=False, timeout=30) as api:
        async with serving(settings) as (process, url), answers_kept_slowly(settings):
            asking = asyncio.create_task(api.post(f"{url}/v1/runs", json=definition(), headers=NIGHTLY))
            await _recorded(api, url)
            process.kill()
            await process.wait()
            await asyncio.gather(asking, return_exceptions=True)
            assert isinstance(asking.exception(), httpx2.TransportError)
        async with serving(settings) as (_, url):
            [recorded] = (await api.get(f"{url}/v1/runs")).json()["items"]
            waiting = await api.post(f"{url}/v1/runs", json=definition(), headers=NIGHTLY)
            assert problem(waiting, 409, "request-in-flight")
            await _time_passes(settings)
            again = await api.post(f"{url}/v1/runs", json=definition(), headers=NIGHTLY)
            assert (again.status_code, again.json()["run_id"]) == (202, recorded["run_id"])
            assert len((await api.get(f"{url}/v1/runs")).json()["items"]) == 1


@asynccontextmanager
async def answers_kept_slowly(settings: Settings) -> AsyncGenerator[None]:
    """Between what a request does and its answer lie three seconds, which the database takes to keep the answer; an
    answer that is not kept at the end of the block is lost."""
    connection = await asyncpg.connect(settings.database_url.replace("+asyncpg", ""))
    try:
        await connection.execute(
            "create function dawdle() returns trigger language plpgsql "
            "as 'begin perform pg_sleep(3); return new; end'; "
            "create trigger dawdle before update on idempotency_keys for each row "
            "when (new.status is not null) execute function dawdle()"
        )
        yield
        await connection.execute(
            "select pg_terminate_backend(pid) from pg_stat_activity "
            "where wait_event = 'PgSleep' and datname = current_database()"
        )
        await connection.execute("drop function dawdle cascade")
    finally:
        await connection.close()


async def _time_passes(settings: Settings) -> None:
    """Every lease runs out."""
    connection = await asyncpg.connect(settings.database_url.replace("+asyncpg", ""))
    try:
        await connection.execute("update idempotency_keys set leased_until = now() - interval '1 second'")
    finally:
        await connection.close()


async def _recorded(api: httpx2.AsyncClient, url: str) -> None:
    while True:
        if (await api.get(f"{url}/v1/runs")).json()["items"]:
            return
        await asyncio.sleep(0.01)
