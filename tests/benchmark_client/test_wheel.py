"""The client's wheel holds the client, and is of use where nothing of the service is."""

import os
import re
import subprocess
import sys
from pathlib import Path
from zipfile import ZipFile

import pytest

ROOT = Path(__file__).parents[2]
UV = Path(sys.executable).parent / "uv"
UNREACHABLE = re.compile(r"error sending request|network was disabled")
"""What uv says of an index that does not answer."""
ALONE = """
import sys
from benchmark_client.client import Client
from benchmark_client.errors import Unreachable
from benchmark_client.patience import Patience
try:
    Client("http://127.0.0.1:9", patience=Patience(tries=1)).service.health()
except Unreachable as error:
    print(error)
assert not {"core", "api", "cli", "fastapi"} & set(sys.modules)
"""


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(folder)]
    subprocess.run(command, cwd=ROOT / "benchmark_client", check=True, capture_output=True)
    [built] = folder.glob("ai_benchmark_client-*.whl")
    return built


def test_the_wheel_holds_every_module_and_says_that_it_is_typed(wheel: Path) -> None:
    modules = {str(file.relative_to(ROOT)) for file in (ROOT / "benchmark_client").rglob("*.py")}
    held = {name for name in ZipFile(wheel).namelist() if ".dist-info/" not in name}
    assert held == modules | {"benchmark_client/py.typed"}


def test_the_wheel_is_installed_and_used_alone(wheel: Path, tmp_path: Path) -> None:
    environment = {**os.environ, "UV_HTTP_RETRIES": "2", "UV_HTTP_TIMEOUT": "10"}
    python = tmp_path / "alone" / "bin" / "python"
    subprocess.run([UV, "venv", "--quiet", "--python", sys.executable, tmp_path / "alone"], check=True)
    command = [UV, "pip", "install", "--quiet", "--python", python, wheel]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if done.returncode and UNREACHABLE.search(done.stderr):
        pytest.skip(f"the package index cannot be reached: {done.stderr.strip()[-500:]}")
    assert done.returncode == 0, done.stderr
    said = subprocess.run([python, "-I", "-c", ALONE], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert said.stdout == "No API answers at http://127.0.0.1:9.\n"
