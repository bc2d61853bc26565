"""The doctor looks where the services are now, not where they once were, and names what mends each fault."""

import json
import os
import socket
import threading
from collections.abc import Mapping
from pathlib import Path

import jsonschema
import pytest

from benchmark_client.address import Address
from cli.doctor import address_for, dev_folder, examine, settings_of_dev, take_settings_of_dev
from cli.embedded.folder import DataFolder
from cli.embedded.postgres import PostgresCluster
from cli.embedded.sockets import Ports, free_port
from cli.embedded.stack import StackOptions, choose_addresses
from cli.embedded.temporal import TemporalServer
from cli.exits import CommandError
from cli.findings import Finding
from cli.machine_checks import code_sandbox, key_findings
from cli.schemas import printed_schema
from cli.service_checks import api_findings, service_findings
from core.settings import Settings
from evaluators.code.sandbox import NoSandbox, check_sandbox
from tests.cli.scripted_api import Answer, scripted_api


@pytest.fixture
def stopped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> DataFolder:
    """The data folder of a `benchmark dev` that has ended."""
    monkeypatch.delenv("DATABASE_URL", raising=False)
    folder = DataFolder(tmp_path / ".benchmark")
    with folder.locked(), Ports() as ports:
        folder.remember(choose_addresses(StackOptions(), folder, ports))
    return folder


def test_a_dev_that_was_stopped_is_not_taken_for_one_that_runs(stopped: DataFolder) -> None:
    said = take_settings_of_dev(stopped.path)
    assert f"`benchmark dev` ran in {stopped.path}, but does not now: start it with" in said
    assert "DATABASE_URL" not in os.environ


def test_a_folder_is_busy_only_while_a_supervisor_works_in_it(stopped: DataFolder) -> None:
    assert not stopped.busy
    with stopped.locked():
        assert DataFolder(stopped.path).busy
    assert not stopped.busy


def test_the_doctor_tells_whether_code_is_run_and_whether_a_sandbox_starts() -> None:
    assert "is not run" in code_sandbox("off").said
    assert (code_sandbox("unconfined").state, code_sandbox("unconfined").remedy) == ("note", "Set it to `sandboxed`.")
    found = code_sandbox("sandboxed")
    assert (found.state, found.said) == (("ill", trouble) if (trouble := sandbox_trouble()) else ("well", found.said))


def sandbox_trouble() -> str | None:
    try:
        check_sandbox("sandboxed")
    except NoSandbox as error:
        return str(error)
    return None


def test_another_dev_is_looked_at_by_its_folder(stopped: DataFolder, tmp_path: Path) -> None:
    with pytest.raises(
        CommandError, match=f"does not now: start it with `benchmark dev --data {stopped.path}`"
    ) as away:
        settings_of_dev(stopped.path)
    assert away.value.code == 5
    with pytest.raises(CommandError, match=f"has not run in {tmp_path}; name the folder") as unknown:
        settings_of_dev(tmp_path)
    assert unknown.value.code == 2


@pytest.fixture
def well(migrated_database_url: str, temporal_server: TemporalServer, tmp_path: Path) -> Settings:
    """Of services that are all there, but for a worker."""
    return Settings(
        database_url=migrated_database_url, temporal_address=temporal_server.address, storage_url=tmp_path.as_uri()
    )


async def looked_at(settings: Settings, **changes: str) -> Mapping[str, Finding]:
    """What the doctor finds of each part."""
    return {found.part: found for found in await service_findings(settings.model_copy(update=changes))}


async def test_services_that_are_there_are_well_and_a_missing_worker_is_started(well: Settings) -> None:
    found = await looked_at(well)
    assert [found[part].state for part in ("database", "storage", "Temporal")] == ["well"] * 3
    assert found["worker"].said == "none polls the task queue 'benchmark': runs wait"
    assert found["worker"].remedy.startswith("Start one with `benchmark worker`")


async def test_each_fault_of_a_database_has_a_cure_of_its_own(well: Settings, database_url: str) -> None:
    right = well.database_url
    user, _, place = right.removeprefix("postgresql+asyncpg://").partition("@")
    name, port = user.partition(":")[0], place.partition(":")[2].partition("/")[0]
    for wrong, remedy in (
        (f"postgresql+asyncpg://{name}:wrong@{place}", "Mend the user and the password in DATABASE_URL."),
        (f"{right.rpartition('/')[0]}/ghost", "Make it with `createdb ghost`"),
        (right.replace(f":{port}/", f":{free_port()}/"), "Start PostgreSQL at 127.0.0.1:"),
        (f"postgresql+asyncpg://{user}@nowhere.invalid:5432/x", "There is no host 'nowhere.invalid'"),
        ("mysql://somewhere", "Write it as postgresql+asyncpg://user:password@host:5432/database."),
        (database_url, "Run `benchmark db upgrade`."),
    ):
        found = (await looked_at(well, database_url=wrong))["database"]
        assert (found.state, remedy in found.remedy) == ("ill", True), found


async def test_tables_of_a_later_program_want_that_program(well: Settings, postgres_server: PostgresCluster) -> None:
    name = well.database_url.rpartition("/")[2]
    postgres_server.run_sql("UPDATE alembic_version SET version_num = '9999'", database=name)
    found = (await looked_at(well))["database"]
    assert "its tables are at 9999" in found.said
    assert found.remedy.startswith("Install the program that made these tables")


async def test_each_fault_of_temporal_has_a_cure_of_its_own(well: Settings) -> None:
    for changes, remedy in (
        ({"temporal_address": f"127.0.0.1:{free_port()}"}, "Start Temporal there, or name another server"),
        ({"temporal_address": "nowhere.invalid:7233"}, "Set TEMPORAL_ADDRESS to host:port"),
        ({"temporal_namespace": "ghost"}, "`temporal operator namespace create --namespace ghost`"),
    ):
        found = await looked_at(well, **changes)
        assert (found["Temporal"].state, remedy in found["Temporal"].remedy) == ("ill", True), found["Temporal"]
        assert "worker" not in found, "who could tell?"


async def test_each_fault_of_storage_has_a_cure_of_its_own(
    well: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").touch()
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "any")
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", f"http://127.0.0.1:{free_port()}")
    for wrong, remedy in (
        ("ftp://somewhere", "Set BENCHMARK_STORAGE_URL to such an address."),
        ((tmp_path / "file" / "inside").as_uri(), "Let the user who runs API and worker write there"),
        ("s3://bucket", "AWS_ENDPOINT_URL_S3 if the bucket is not at AWS"),
    ):
        found = (await looked_at(well, storage_url=wrong))["storage"]
        assert (found.state, remedy in found.remedy) == ("ill", True), found


async def test_a_folder_for_objects_that_nobody_named_is_not_made(well: Settings, tmp_path: Path) -> None:
    default = (tmp_path / "usual").as_uri()
    unasked = Settings.model_construct(_fields_set=set(), **{**well.model_dump(), "storage_url": default})
    found = {found.part: found for found in await service_findings(unasked)}["storage"]
    assert found.said.startswith("BENCHMARK_STORAGE_URL is not set, and")
    assert not (tmp_path / "usual").exists()
    (tmp_path / "usual").mkdir()
    found = {found.part: found for found in await service_findings(unasked)}["storage"]
    assert (found.state, list((tmp_path / "usual").iterdir())) == ("well", [])


async def test_a_database_that_nobody_named_is_a_guess(well: Settings) -> None:
    elsewhere = well.database_url.rpartition("/")[0] + "/ghost"
    unasked = Settings.model_construct(_fields_set=set(), **{**well.model_dump(), "database_url": elsewhere})
    found = {found.part: found for found in await service_findings(unasked)}["database"]
    assert found.remedy.startswith("DATABASE_URL is not set, so this is a guess")


def test_the_folder_that_was_typed_goes_before_an_address_that_was_exported(
    stopped: DataFolder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with scripted_api(HERE) as api, scripted_api(HERE) as other:
        where = stopped.addresses()
        assert where
        stopped.remember(where.model_copy(update={"api_url": api.url}))
        monkeypatch.setenv("BENCHMARK_API_URL", other.url)
        for told, asked in ((other.url, api.url), (None, api.url), (f"{other.url}/", other.url)):
            found = address_for(told, stopped.path)
            assert found.url == asked
    (tmp_path / "deeper").mkdir()
    assert dev_folder(tmp_path / "deeper") == stopped.path


HERE = {
    "/version": [Answer(body={"version": "0.1.0"})],
    "/health": [Answer(body={})],
    "/ready": [Answer(body={"ready": True})],
    "/v1/runs": [Answer(body={"items": []})],
    "/v1/credentials": [Answer(body={"items": [{"name": "lab", "origin": "https://api.openai.com"}]})],
}


def test_an_api_that_is_there_is_well_and_its_clock_is_compared() -> None:
    with scripted_api(HERE) as api:
        found = api_findings(Address(api.url, "as dev.json says"))[0]
    assert [each.state for each in found] == ["well", "well"]
    assert found[0].said == f"ready at {api.url} (as dev.json says), and lets us in"
    with scripted_api(HERE, ahead_s=3600) as api:
        [_, clock] = api_findings(Address(api.url, "told"))[0]
    assert (clock.part, clock.state) == ("clock", "ill")
    assert "behind the API's" in clock.said
    assert "timedatectl set-ntp true" in clock.remedy


@pytest.mark.parametrize(
    ("answers", "remedy"),
    [
        ({"/v1/runs": [Answer(401, {"detail": "Who are you?"})]}, "Set BENCHMARK_API_KEY to the key that"),
        ({"/ready": [Answer(503, {"detail": "Not ready: temporal does not answer."})]}, "Mend what is ill above"),
        ({"/version": [Answer(404, b"no such page", "text/html")]}, "serve on another port"),
        ({"/version": [Answer(200, b"hello", "text/html")]}, "Stop that program"),
    ],
)
def test_each_fault_of_an_api_has_a_cure_of_its_own(answers: dict[str, list[Answer]], remedy: str) -> None:
    with scripted_api({**HERE, **answers}) as api:
        [found] = api_findings(Address(api.url, "told"))[0]
    assert (found.state, remedy in found.remedy) == ("ill", True), found


def test_a_port_that_another_program_holds_is_told_from_one_that_nobody_does() -> None:
    [found] = api_findings(Address(f"http://127.0.0.1:{free_port()}", "told"))[0]
    assert found.remedy.startswith("Start one with `benchmark serve`")
    with socket.create_server(("127.0.0.1", 0)) as taken:
        talker = threading.Thread(target=greet, args=(taken,))
        talker.start()
        [found] = api_findings(Address(f"http://127.0.0.1:{taken.getsockname()[1]}", "told"))[0]
        talker.join()
    assert "its port is taken" in found.said
    assert found.remedy.startswith("Stop that program")


def greet(listening: socket.socket) -> None:
    """Answers the first caller as no HTTP server does."""
    caller, _ = listening.accept()
    with caller:
        caller.sendall(b"SSH-2.0-other\r\n")


def test_a_key_is_here_or_stored_or_to_be_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    monkeypatch.setenv("ANTHROPIC_API_KEY", "any")
    openai, anthropic = key_findings([])
    assert (openai.state, anthropic.state) == ("note", "well")
    assert openai.remedy.startswith("Set OPENAI_API_KEY before `benchmark dev` or the worker starts")
    stored, _ = key_findings([{"name": "lab", "origin": "https://api.openai.com"}])
    assert (stored.state, "credential: lab" in stored.said) == ("well", True)


def test_wrong_addresses_and_settings_are_named(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("BENCHMARK_CODE_EXECUTION", "perhaps")
    with pytest.raises(CommandError, match="BENCHMARK_CODE_EXECUTION cannot be what it is: it must be 'off'"):
        examine(None, data=None, as_json=False)
    monkeypatch.setenv("BENCHMARK_CODE_EXECUTION", "off")
    for name in ("DATABASE_URL", "TEMPORAL_ADDRESS", "BENCHMARK_STORAGE_URL"):
        monkeypatch.setenv(name, "nowhere")
    assert examine("127.0.0.1:8080", data=None, as_json=True) == 5
    told = json.loads(capsys.readouterr().out)
    jsonschema.validate(told, printed_schema("doctor"))
    assert "Write --api (or BENCHMARK_API_URL) as http://host:port." in [each["remedy"] for each in told]
