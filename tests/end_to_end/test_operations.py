"""What operators type: tables made, parts examined, and a remedy for each that is ill."""

import json
import os
import subprocess
import sys
from pathlib import Path

from cli.embedded.sockets import free_port
from tests.end_to_end.deployment import Deployment

ROOT = Path(__file__).parents[2]


def benchmark(*words: str, folder: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """Types the command in this folder."""
    return subprocess.run(
        [sys.executable, "-m", "cli.main", *words],
        capture_output=True,
        text=True,
        timeout=100,
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT), **environment},
        check=False,
    )


def test_tables_are_made_once_and_told_by_version(database_url: str, tmp_path: Path) -> None:
    made = benchmark("db", "upgrade", folder=tmp_path, DATABASE_URL=database_url)
    assert made.returncode == 0, made.stderr
    assert "from nothing to" in made.stderr
    assert "up to date" in benchmark("db", "upgrade", folder=tmp_path, DATABASE_URL=database_url).stderr
    told = benchmark("db", "version", folder=tmp_path, DATABASE_URL=database_url)
    assert told.stdout.strip() in made.stderr


def test_a_database_that_is_away_or_misnamed_is_told_without_its_password(tmp_path: Path) -> None:
    away = f"postgresql+asyncpg://me:secret@127.0.0.1:{free_port()}/x"
    done = benchmark("db", "upgrade", folder=tmp_path, DATABASE_URL=away)
    assert done.returncode == 5
    assert "or set DATABASE_URL" in done.stderr
    assert "secret" not in done.stderr
    assert benchmark("db", "upgrade", folder=tmp_path, DATABASE_URL="nonsense").returncode == 2


def test_a_healthy_service_is_found_well(deployment: Deployment, tmp_path: Path) -> None:
    api = deployment.apis[0].url
    done = benchmark("doctor", "--json", "--api", api, folder=tmp_path, **deployment.environment)
    found = {finding["part"]: finding for finding in json.loads(done.stdout)}
    parts = ("Python", "database", "storage", "Temporal", "worker", "API")
    assert {part: found[part]["state"] for part in parts} == dict.fromkeys(parts, "well")
    assert done.returncode == 0


def test_what_is_ill_is_told_with_its_remedy(deployment: Deployment, database_url: str, tmp_path: Path) -> None:
    ill = {
        "DATABASE_URL": database_url,
        "BENCHMARK_TASK_QUEUE": "nobody-polls-this",
        "BENCHMARK_STORAGE_URL": "ftp://nowhere",
    }
    nobody = f"http://127.0.0.1:{free_port()}"
    done = benchmark("doctor", "--json", "--api", nobody, folder=tmp_path, **{**deployment.environment, **ill})
    found = {finding["part"]: finding for finding in json.loads(done.stdout)}
    assert done.returncode == 5
    assert found["database"]["remedy"] == "Run `benchmark db upgrade`."
    assert "benchmark worker" in found["worker"]["remedy"]
    assert "BENCHMARK_STORAGE_URL" in found["storage"]["remedy"]
    assert "benchmark dev" in found["API"]["said"]
    assert found["Temporal"]["state"] == "well"
