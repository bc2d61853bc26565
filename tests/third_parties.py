"""Evaluators installed the way third parties install theirs."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.plugins import installed


@pytest.fixture
def hostile_plugin(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Makes `kind: hostile` known here and to the side processes started meanwhile."""
    distribution = tmp_path / "hostile-1.0.dist-info"
    distribution.mkdir()
    (distribution / "METADATA").write_text("Metadata-Version: 2.1\nName: hostile\nVersion: 1.0\n")
    (distribution / "entry_points.txt").write_text(
        "[benchmark.evaluators]\nhostile = tests.evaluators.isolation.hostile:plugin\n"
    )
    monkeypatch.setattr(sys, "path", [str(tmp_path), *sys.path])
    installed.cache_clear()
    yield
    installed.cache_clear()
