"""The embedded PostgreSQL starts again on its data, whatever the last stop left behind."""

import asyncio
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import pytest

from cli.embedded.errors import ServiceFailed
from cli.embedded.postgres import PostgresCluster
from cli.embedded.processes import ServiceProcess
from cli.embedded.sockets import free_port
from tests.cli.alive import still_running
from tests.services import FAST, running

LASTING = {**FAST, "synchronous_commit": "on"}
ROW = "SELECT count(*) FROM kept"


@contextmanager
def serving(folder: Path) -> Generator[tuple[PostgresCluster, ServiceProcess]]:
    cluster = PostgresCluster(folder / "postgres", free_port(), LASTING)
    cluster.prepare()
    with running(cluster.service(), folder / "postgres.log") as process:
        yield cluster, process


def with_a_row(folder: Path) -> None:
    with serving(folder) as (cluster, _):
        cluster.run_sql("CREATE TABLE kept (id int)")
        cluster.run_sql("INSERT INTO kept VALUES (1)")


def test_data_is_there_after_a_restart(tmp_path: Path) -> None:
    with_a_row(tmp_path)
    with serving(tmp_path) as (cluster, _):
        assert cluster.run_sql(ROW) == "1"


def test_a_killed_server_recovers_what_was_committed(tmp_path: Path) -> None:
    with serving(tmp_path) as (cluster, process):
        cluster.run_sql("CREATE TABLE kept (id int)")
        cluster.run_sql("INSERT INTO kept VALUES (1)")
        os.kill(process.pid, signal.SIGKILL)
    assert (tmp_path / "postgres" / "cluster" / "postmaster.pid").exists()
    with serving(tmp_path) as (cluster, _):
        assert cluster.run_sql(ROW) == "1"


def test_a_stale_pid_file_that_names_another_living_process_is_no_obstacle(tmp_path: Path) -> None:
    with_a_row(tmp_path)
    stale = tmp_path / "postgres" / "cluster" / "postmaster.pid"
    owner = stale.parent.stat()
    stale.write_text(f"{os.getppid()}\n{stale.parent}\n1700000000\n5432\n\n127.0.0.1\n 1 1\nready\n")
    os.chown(stale, owner.st_uid, owner.st_gid)
    with serving(tmp_path) as (cluster, _):
        assert cluster.run_sql(ROW) == "1"
    assert still_running([os.getppid()], within_s=0.1) == {os.getppid()}


def test_an_orphaned_server_of_the_same_data_is_stopped_first(tmp_path: Path) -> None:
    with serving(tmp_path) as (cluster, orphan):
        cluster.run_sql("CREATE TABLE kept (id int)")
        with serving(tmp_path) as (successor, _):
            assert still_running([orphan.pid], within_s=0.1) == set()
            assert successor.run_sql(ROW) == "0"


def test_a_private_folder_above_the_data_stays_private(tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir(mode=0o700)
    with serving(home) as (cluster, _):
        assert cluster.run_sql("SELECT 1") == "1"
    assert home.stat().st_mode & 0o777 == 0o700


def test_a_folder_that_anybody_may_enter_works_too() -> None:
    # pytest's own temporary folders are private.
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        with serving(Path(folder)) as (cluster, _):
            assert cluster.run_sql("SELECT 1") == "1"


def test_an_interrupted_first_start_is_started_over(tmp_path: Path) -> None:
    left = tmp_path / "postgres" / "cluster.new"
    left.mkdir(parents=True)
    (left / "PG_VERSION").write_text("18\n")
    with serving(tmp_path) as (cluster, _):
        assert cluster.run_sql("SELECT 1") == "1"
    assert not left.exists()


def test_the_password_is_needed_and_readable_by_its_owner_only(tmp_path: Path) -> None:
    with serving(tmp_path) as (cluster, _):
        password = tmp_path / "postgres" / "password"
        assert password.stat().st_mode & 0o777 == 0o600
        assert password.read_text() in cluster.url()
        password.write_text("wrong")
        with pytest.raises(ServiceFailed, match="password authentication failed"):
            cluster.run_sql("SELECT 1")


def test_durability_is_not_traded_for_speed(tmp_path: Path) -> None:
    cluster = PostgresCluster(tmp_path / "postgres", free_port())
    cluster.prepare()
    with running(cluster.service(), tmp_path / "postgres.log"):
        assert [cluster.run_sql(f"SHOW {name}") for name in ("fsync", "synchronous_commit")] == ["on", "on"]


def test_a_database_is_made_once(tmp_path: Path) -> None:
    with serving(tmp_path) as (cluster, _):
        for _ in range(2):
            asyncio.run(cluster.ensure_database("benchmark"))
        assert cluster.run_sql("SELECT count(*) FROM pg_database WHERE datname = 'benchmark'") == "1"


def test_it_runs_as_an_ordinary_user_too(tmp_path: Path) -> None:
    setpriv = shutil.which("setpriv")
    if os.geteuid() != 0 or setpriv is None:
        pytest.skip("only root can become an ordinary user; every other test here then runs as one")
    folder = tmp_path / "mine"
    folder.mkdir()
    os.chown(folder, 65534, 65534)
    source = (
        "import sys\n"
        "from pathlib import Path\n"
        "from tests.cli.test_postgres import with_a_row\n"
        "with_a_row(Path(sys.argv[1]))"
    )
    # The capability stands for a machine where this user may read the interpreter and the repository.
    caps = ("--inh-caps=-all,+dac_read_search", "--ambient-caps=+dac_read_search")
    become = (setpriv, "--reuid=65534", "--regid=65534", "--clear-groups", "--securebits=+no_setuid_fixup", *caps)
    subprocess.run((*become, sys.executable, "-c", source, str(folder)), check=True, timeout=60)
    assert (folder / "postgres" / "cluster").stat().st_uid == 65534
