"""The Kubernetes manifests: valid, and in step with what the processes do."""

from typing import Any

import kubernetes_validate  # pyright: ignore[reportMissingTypeStubs]
import pytest

from core.settings import Settings
from tests.deploy.documents import DEPLOY, document, manifest, manifests, pods
from worker.polling import GRACE

KUBERNETES = "1.31.0"


@pytest.mark.parametrize("each", manifests(), ids=lambda each: f"{each['kind']}-{each['metadata']['name']}")
def test_a_manifest_is_valid(each: dict[str, Any]) -> None:
    kubernetes_validate.validate(each, KUBERNETES, strict=True)


def test_every_file_belongs_to_the_kustomization() -> None:
    kustomization = document("kustomization.yaml")
    files = {path.relative_to(DEPLOY).as_posix() for path in DEPLOY.glob("kubernetes/*.yaml")}
    assert set(kustomization["resources"]) == files
    for generator in kustomization["configMapGenerator"]:
        assert all((DEPLOY / name.rpartition("=")[2]).is_file() for name in generator["files"])


@pytest.mark.parametrize(("name", "pod"), list(pods()), ids=lambda each: each if isinstance(each, str) else "")
def test_no_pod_runs_as_root_or_writes_outside_of_its_volumes(name: str, pod: dict[str, Any]) -> None:
    assert pod["securityContext"]["runAsNonRoot"]
    assert pod["automountServiceAccountToken"] is False
    for container in pod["containers"]:
        locked = container["securityContext"]
        assert locked["readOnlyRootFilesystem"]
        assert not locked["allowPrivilegeEscalation"]
        assert locked["capabilities"] == {"drop": ["ALL"]}
        assert container["resources"]["limits"]["memory"]
        assert container["resources"]["requests"]["cpu"], "without it the autoscaler has nothing to go by"


def test_kubernetes_waits_longer_for_a_worker_than_a_worker_waits_for_its_calls() -> None:
    pod = manifest("Deployment", "worker")["spec"]["template"]["spec"]
    assert pod["terminationGracePeriodSeconds"] > GRACE.total_seconds()


@pytest.mark.parametrize("name", ["api", "worker"])
def test_two_to_ten_pods_by_processor_and_memory(name: str) -> None:
    scaler = manifest("HorizontalPodAutoscaler", name)["spec"]
    assert scaler["scaleTargetRef"] == {"apiVersion": "apps/v1", "kind": "Deployment", "name": name}
    assert (scaler["minReplicas"], scaler["maxReplicas"]) == (2, 10)
    targets = {each["resource"]["name"]: each["resource"]["target"]["averageUtilization"] for each in scaler["metrics"]}
    assert targets == {"cpu": 70, "memory": 80}
    assert "replicas" not in manifest("Deployment", name)["spec"], "it would undo what the autoscaler decided"
    assert manifest("PodDisruptionBudget", name)["spec"]["maxUnavailable"] == 1


def test_what_selects_pods_selects_those_that_there_are() -> None:
    labels = {each["metadata"]["name"]: each["spec"]["template"]["metadata"]["labels"] for each in deployments()}
    for each in manifests():
        selector = each.get("spec", {}).get("selector")
        if selector:
            wanted = selector.get("matchLabels", selector)
            assert wanted.items() <= labels[each["metadata"]["name"]].items()


def test_the_api_is_asked_where_it_answers() -> None:
    [container] = manifest("Deployment", "api")["spec"]["template"]["spec"]["containers"]
    assert container["livenessProbe"]["httpGet"]["path"] == "/health"
    assert container["readinessProbe"]["httpGet"]["path"] == "/ready"
    assert [port["containerPort"] for port in container["ports"]] == [Settings.model_fields["api_port"].default]
    [port] = manifest("Service", "api")["spec"]["ports"]
    assert f"server api:{port['port']} " in (DEPLOY / "nginx/upstream.kubernetes.conf").read_text()


def deployments() -> list[dict[str, Any]]:
    return [each for each in manifests() if each["kind"] == "Deployment"]
