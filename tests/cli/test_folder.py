"""The data folder: one supervisor at a time, the same secrets and ports from start to start."""

import subprocess
import sys
from pathlib import Path

import pytest

from cli.embedded.errors import FolderInUse
from cli.embedded.folder import Addresses, DataFolder
from cli.embedded.sockets import Ports, free_port
from cli.embedded.stack import StackOptions, choose_addresses, process_environment
from tests.cli.alive import listening


def chosen(folder: DataFolder, options: StackOptions | None = None) -> Addresses:
    """The addresses a start would use, not kept from anybody."""
    with Ports() as ports:
        return choose_addresses(options or StackOptions(), folder, ports)


def test_a_second_supervisor_is_refused_and_told_about_the_first(tmp_path: Path) -> None:
    folder = DataFolder(tmp_path)
    addresses = chosen(folder)
    folder.remember(addresses)
    who = f"process {addresses.pid}, API at {addresses.api_url}"
    with folder.locked(), pytest.raises(FolderInUse, match=who), DataFolder(tmp_path).locked():
        pass
    with DataFolder(tmp_path).locked():
        pass


def test_a_killed_supervisor_leaves_the_folder_free(tmp_path: Path) -> None:
    source = (
        "import sys, time\n"
        "from pathlib import Path\n"
        "from cli.embedded.folder import DataFolder\n"
        "with DataFolder(Path(sys.argv[1])).locked():\n"
        "    print('locked', flush=True)\n"
        "    time.sleep(600)"
    )
    with subprocess.Popen([sys.executable, "-c", source, str(tmp_path)], stdout=subprocess.PIPE) as holder:
        assert holder.stdout
        holder.stdout.readline()
        with pytest.raises(FolderInUse), DataFolder(tmp_path).locked():
            pass
        holder.kill()
    with DataFolder(tmp_path).locked():
        pass


def test_the_secret_key_stays_the_same_and_private(tmp_path: Path) -> None:
    first = DataFolder(tmp_path).secrets().secret_key.get_secret_value()
    assert DataFolder(tmp_path).secrets().secret_key.get_secret_value() == first
    assert (tmp_path / "secrets.json").stat().st_mode & 0o777 == 0o600


def test_the_folder_is_hidden_from_git(tmp_path: Path) -> None:
    DataFolder(tmp_path / "data")
    assert (tmp_path / "data" / ".gitignore").read_text() == "*\n"


def test_a_restart_keeps_its_ports(tmp_path: Path) -> None:
    folder = DataFolder(tmp_path)
    first = chosen(folder, StackOptions(model=True, api_port=free_port()))
    folder.remember(first)
    assert chosen(folder, StackOptions(model=True, api_port=first.api_port)) == first


def test_ports_that_are_taken_are_avoided(tmp_path: Path) -> None:
    folder = DataFolder(tmp_path)
    first = chosen(folder)
    folder.remember(first)
    before = (first.api_port, first.temporal_port, first.temporal_ui_port, first.postgres_port)
    with listening(*before):
        second = chosen(folder)
    after = (second.api_port, second.temporal_port, second.temporal_ui_port, second.postgres_port)
    assert len({*before, *after}) == 8


def test_two_that_start_in_the_same_moment_choose_different_ports(tmp_path: Path) -> None:
    first, second = DataFolder(tmp_path / "first"), DataFolder(tmp_path / "second")
    with Ports() as ours, Ports() as theirs:
        found = [choose_addresses(StackOptions(), first, ours), choose_addresses(StackOptions(), second, theirs)]
        ports = [(one.api_port, one.temporal_port, one.temporal_ui_port, one.postgres_port) for one in found]
        assert len({*ports[0], *ports[1]}) == 8
    with Ports() as later:
        assert later.take(ports[0][0]) == ports[0][0]


def test_an_unreadable_address_file_is_as_good_as_none(tmp_path: Path) -> None:
    (tmp_path / "dev.json").write_text('{"pid": ')
    assert DataFolder(tmp_path).addresses() is None


def test_temporal_settings_of_the_shell_do_not_reach_the_embedded_services(tmp_path: Path) -> None:
    shell = {"TEMPORAL_API_KEY": "for-a-real-cluster", "BENCHMARK_NETWORK_ALLOW": "10.0.0.0/8"}
    folder = DataFolder(tmp_path)
    folder.postgres.mkdir()
    (folder.postgres / "password").write_text("secret")
    addresses = chosen(folder)
    environment = process_environment(addresses, folder, {"BENCHMARK_LOCAL_CALLABLES": "mine"}, shell=shell)
    assert "TEMPORAL_API_KEY" not in environment
    assert environment["TEMPORAL_ADDRESS"] == addresses.temporal_address
    assert environment["BENCHMARK_NETWORK_ALLOW"] == "loopback,10.0.0.0/8"
    assert environment["BENCHMARK_LOCAL_CALLABLES"] == "mine"
    assert environment["BENCHMARK_STORAGE_URL"] == f"file://{tmp_path}/objects"
