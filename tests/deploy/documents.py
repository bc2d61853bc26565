"""The files of deploy/, read."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import yaml

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "deploy"


def manifests() -> list[dict[str, Any]]:
    """Every Kubernetes object of the kustomization's resources."""
    listed = cast("list[str]", document("kustomization.yaml")["resources"])
    return [each for name in listed for each in yaml.safe_load_all((DEPLOY / name).read_text())]


def manifest(kind: str, name: str) -> dict[str, Any]:
    return next(each for each in manifests() if (each["kind"], each["metadata"]["name"]) == (kind, name))


def document(name: str) -> dict[str, Any]:
    return yaml.safe_load((DEPLOY / name).read_text())


def pods() -> Iterator[tuple[str, dict[str, Any]]]:
    """The name and the pod of everything that makes pods."""
    for each in manifests():
        if "template" in each.get("spec", {}):
            yield each["metadata"]["name"], each["spec"]["template"]["spec"]
