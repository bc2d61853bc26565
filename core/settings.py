"""Settings of the processes, read from the environment by the entry points only.

The ecosystem's own names are read as they are (`DATABASE_URL`, `TEMPORAL_*`, `OPENAI_API_KEY`, `AWS_*`);
ours begin with `BENCHMARK_`.
"""

from pathlib import Path
from typing import Annotated, Literal

from pydantic import AliasChoices, Field, SecretStr, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from core.plugins import CodeExecution

WorkerVersioning = Literal["off", "pinned", "auto_upgrade"]


class Settings(BaseSettings):
    model_config = SettingsConfigDict(env_prefix="BENCHMARK_", extra="ignore", frozen=True, populate_by_name=True)

    database_url: str = Field(
        default="postgresql+asyncpg://localhost/benchmark",
        validation_alias=AliasChoices("DATABASE_URL", "database_url"),
    )
    database_pool_size: int = Field(default=10, ge=1)
    storage_url: str = "file:///var/lib/benchmark/objects"
    """`file:///folder` or `s3://bucket/prefix`; `AWS_*` (also `AWS_ENDPOINT_URL_S3`) are read by boto3."""
    temporal_address: str = Field(
        default="localhost:7233", validation_alias=AliasChoices("TEMPORAL_ADDRESS", "temporal_address")
    )
    temporal_namespace: str = Field(
        default="default", validation_alias=AliasChoices("TEMPORAL_NAMESPACE", "temporal_namespace")
    )
    temporal_deployment_name: str = Field(
        default="ai-benchmark-service",
        validation_alias=AliasChoices("TEMPORAL_DEPLOYMENT_NAME", "temporal_deployment_name"),
        pattern=r"^[^.]+$",
    )
    temporal_worker_build_id: str | None = Field(
        default=None, validation_alias=AliasChoices("TEMPORAL_WORKER_BUILD_ID", "temporal_worker_build_id")
    )
    """Which build of the workers this is, an image's tag for example; the package's version without one."""
    temporal_ui_url: str | None = None
    task_queue: str = "benchmark"
    api_host: str = "127.0.0.1"
    api_port: int = 8080
    api_key: SecretStr | None = None
    """When set, all but health checks and documentation want it as bearer token; without it only loopback is served."""
    public_url: str | None = None
    max_body_bytes: int = 64 * 1024 * 1024
    requests_per_minute_per_key: int = Field(default=60_000, ge=0)
    """Of each API process, by one API key; 0 sets no limit. Without a key of ours, all of this machine together."""
    requests_per_minute_per_address: int = Field(default=1_200, ge=0)
    """The same for requests without a valid key, by address (IPv6: by /64)."""
    secret_keys: Annotated[tuple[SecretStr, ...], NoDecode] = ()
    """Fernet keys for stored credentials, newest first; comma-separated."""
    network_allow: Annotated[tuple[str, ...], NoDecode] = ()
    """CIDRs (or `loopback`, `private`) that agents and dataset URLs may reach besides public addresses."""
    local_callables: Annotated[tuple[str, ...], NoDecode] = ()
    """Dotted-path prefixes (`package.module` or `package.module:function`) that `callable` agents may name."""
    local_commands: Annotated[tuple[str, ...], NoDecode] = ()
    """Programs that `subprocess` agents may start, by absolute path or name."""
    local_folders: Annotated[tuple[Path, ...], NoDecode] = ()
    """Folders of this machine that datasets may be read from by path."""
    dataset_buckets: Annotated[tuple[str, ...], NoDecode] = ()
    """Buckets (`bucket` or `bucket/prefix`) that `s3` datasets may be read from."""
    worker_batches: int = Field(default=200, ge=1)
    """Batches one worker process works on at once."""
    worker_lease_s: float = Field(default=8.0, ge=1, le=300)
    """How long a worker that is out of touch with the database keeps its claims, in seconds; renewed four times in that
    time. Up to the 10 s in which Temporal notices a dead worker, recovery waits for nothing else."""
    stall_deadline_s: float = Field(default=120.0, ge=2, le=86400)
    """A run that does not move for so many seconds is looked into, and what keeps it is named within as many again."""
    api_watches: bool = True
    """Whether API processes take their turn in the watch over runs, so that a missing worker is told, too."""
    worker_versioning: WorkerVersioning = "off"
    """`pinned`: a run ends on the build it began on; `auto_upgrade`: it moves to the current build with its next step;
    `off`: any worker takes any step."""
    worker_metrics_port: int | None = None
    """Where each worker process serves its metrics, and on the next port the Temporal SDK's; two ports a process."""
    worker_metrics_host: str = "127.0.0.1"
    limits_over_models: Annotated[tuple[str, ...], NoDecode] = ()
    """Providers (`https://models.example.com`) whose limits hold for all models of a key together; comma-separated.
    Elsewhere every model has limits of its own."""
    provider_patience_s: float = Field(default=6 * 3600.0, gt=0)
    """So many seconds a question waits for a provider that throttles, is broken or refuses its key, if it answered
    before; then it fails. Such waits do not count as tries."""
    longest_retry_after_s: float = Field(default=900.0, gt=0)
    """A provider that asks to wait for longer is taken to have nothing left: the run pauses."""
    evaluation_processes: int = Field(default=2, ge=1, le=64)
    """Side processes one worker process judges answers in, at most; one is kept ready."""
    evaluation_time_limit_s: float = Field(default=30.0, gt=0, le=600)
    """Longest judging of one answer by one evaluator, in seconds."""
    evaluation_memory_mb: int = Field(default=2048, ge=256)
    """Address space of one side process."""
    code_execution: CodeExecution = "off"
    """Whether evaluators may run code that agents wrote."""
    log_level: str = "INFO"
    log_format: str = Field(default="json", pattern="^(json|console)$")

    @field_validator(
        "secret_keys",
        "network_allow",
        "local_callables",
        "local_commands",
        "local_folders",
        "dataset_buckets",
        "limits_over_models",
        mode="before",
    )
    @classmethod
    def _comma_separated(cls, value: object) -> object:
        return tuple(part.strip() for part in value.split(",") if part.strip()) if isinstance(value, str) else value
