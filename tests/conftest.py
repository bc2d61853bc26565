"""Fixtures that every test may use."""

import os
from pathlib import Path

import pytest
from hypothesis import settings

# An example that takes long on a busy machine is no fault; pytest-timeout ends what hangs.
settings.register_profile("any machine", deadline=None)
settings.load_profile("any machine")

pytest_plugins = ["tests.services", "tests.third_parties"]


@pytest.fixture(scope="session")
def shared_folder() -> Path:
    """The folder of real datasets and recorded outputs beside the repository; skips where there is none."""
    folder = Path(os.environ.get("BENCHMARK_SHARED", Path(__file__).parents[2] / "shared"))
    if not (folder / "oracles" / "MANIFEST.json").exists():
        pytest.skip(f"no recorded model outputs at {folder}: set BENCHMARK_SHARED to the folder that has them")
    return folder
