"""The doctor looks where the services are now, not where they once were."""

import os
from pathlib import Path

import pytest

from cli.doctor import code_sandbox, take_settings_of_dev
from cli.embedded.folder import DataFolder
from cli.embedded.sockets import Ports
from cli.embedded.stack import StackOptions, choose_addresses
from evaluators.code.sandbox import NoSandbox, check_sandbox


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
    assert f"`benchmark dev` ran in {stopped.path}, but does not now; start it there" in said
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
