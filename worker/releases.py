"""Which release a worker is, and whether Temporal keeps every run on the release it began on."""

from importlib.metadata import version
from typing import Final

from temporalio.common import VersioningBehavior, WorkerDeploymentVersion
from temporalio.worker import WorkerDeploymentConfig

from core.settings import Settings, WorkerVersioning

DISTRIBUTION: Final = "ai-benchmark-service"
BEHAVIORS: Final[dict[WorkerVersioning, VersioningBehavior]] = {
    "off": VersioningBehavior.UNSPECIFIED,
    "pinned": VersioningBehavior.PINNED,
    "auto_upgrade": VersioningBehavior.AUTO_UPGRADE,
}


def release_of(settings: Settings) -> WorkerDeploymentConfig:
    """What Temporal is told of this worker's release. Without a name the SDK would hash every loaded module, for
    seconds; so one is told even where nothing is versioned by it."""
    return WorkerDeploymentConfig(
        version=WorkerDeploymentVersion(
            deployment_name=settings.temporal_deployment_name,
            build_id=settings.temporal_worker_build_id or version(DISTRIBUTION),
        ),
        use_worker_versioning=settings.worker_versioning != "off",
        default_versioning_behavior=BEHAVIORS[settings.worker_versioning],
    )
