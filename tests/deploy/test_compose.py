"""compose.yaml and the image: valid, and in step with the settings and the gateway."""

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from pydantic import AliasChoices

from core.settings import Settings
from tests.deploy.documents import DEPLOY, ROOT, document
from worker.polling import GRACE

SERVICES: dict[str, dict[str, Any]] = document("compose.yaml")["services"]
OURS = ("api-1", "api-2", "worker", "migrations")
READ_ELSEWHERE = {"FORWARDED_ALLOW_IPS": "uvicorn", "OPENAI_API_KEY": "agents", "ANTHROPIC_API_KEY": "agents"}


def test_compose_is_what_compose_understands() -> None:
    command = (str(Path(sys.executable).parent / "check-jsonschema"), "--builtin-schema", "vendor.compose-spec")
    done = subprocess.run((*command, str(DEPLOY / "compose.yaml")), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def names_of_settings() -> set[str]:
    names: set[str] = set()
    for name, field in Settings.model_fields.items():
        alias = field.validation_alias
        names |= {str(each) for each in alias.choices} if isinstance(alias, AliasChoices) else set()
        names.add(f"BENCHMARK_{name.upper()}")
    return names


@pytest.mark.parametrize("service", OURS)
def test_every_variable_is_read_by_somebody(service: str) -> None:
    given = {name for name in SERVICES[service]["environment"] if not name.startswith("AWS_")}
    assert given - names_of_settings() == set(READ_ELSEWHERE)


def test_settings_in_the_image_and_in_kubernetes_exist() -> None:
    image = set(re.findall(r"\b(BENCHMARK_\w+)=", (DEPLOY / "Containerfile").read_text()))
    kubernetes = set(document("kubernetes/settings.yaml")["data"])
    assert image
    assert (image | kubernetes) - names_of_settings() == set()


def test_compose_waits_longer_for_a_worker_than_a_worker_waits_for_its_calls() -> None:
    minutes = int(SERVICES["worker"]["stop_grace_period"].removesuffix("m"))
    assert minutes * 60 > GRACE.total_seconds()


def test_the_gateway_knows_every_api_process() -> None:
    upstream = (DEPLOY / "nginx/upstream.compose.conf").read_text()
    port = Settings.model_fields["api_port"].default
    assert set(re.findall(r"server (\S+)", upstream)) == {f"{name}:{port}" for name in OURS if name.startswith("api")}
    assert "/etc/nginx/upstream.conf:ro" in " ".join(SERVICES["nginx"]["volumes"])


def test_nothing_but_the_gateway_and_the_temporal_ui_is_open() -> None:
    opened = {name: service["ports"] for name, service in SERVICES.items() if "ports" in service}
    assert opened == {"nginx": ["8080:8080", "8443:8443"], "temporal-ui": ["127.0.0.1:8233:8080"]}


def test_no_secret_stands_in_the_file() -> None:
    for service in SERVICES.values():
        for name, value in service.get("environment", {}).items():
            if re.search("PASSWORD|PWD|SECRET|API_KEY", name):
                assert str(value).startswith("${"), name


def test_the_image_is_built_as_its_linter_likes_it() -> None:
    command = (str(Path(sys.executable).parent / "hadolint"), "--failure-threshold", "info")
    done = subprocess.run((*command, str(DEPLOY / "Containerfile")), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def test_the_image_holds_every_package_and_runs_as_nobody() -> None:
    lines = (DEPLOY / "Containerfile").read_text().splitlines()
    copied = {line.split()[1] for line in lines if line.startswith("COPY ") and len(line.split()) == 3}
    wheel = re.search(r"^packages = \[(.*)\]", (ROOT / "pyproject.toml").read_text(), re.MULTILINE)
    assert wheel is not None
    packages = set(re.findall(r'"(\w+)"', wheel[1]))
    assert packages <= copied
    allowed = (DEPLOY / "Containerfile.dockerignore").read_text().splitlines()
    assert {f"!{name}" for name in copied if "/" not in name} - set(allowed) <= {"!requirements"}
    assert [line for line in lines if line.startswith("USER ")][-1] == "USER 10001:10001"
    assert "--require-hashes" in "\n".join(lines)
