"""Connecting to Temporal, by the ecosystem's own variables and files (`TEMPORAL_*`, a profile in `temporal.toml`)."""

from collections.abc import Mapping

from temporalio.client import Client, TLSConfig
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.envconfig import ClientConfig
from temporalio.runtime import PrometheusConfig, Runtime, TelemetryConfig
from temporalio.service import RPCError

from core.errors import ServiceUnavailable


async def connect(
    *, address: str, namespace: str, lazy: bool = False, identity: str | None = None, metrics_address: str | None = None
) -> Client:
    """A client whose payloads are pydantic models. TLS and API key come from `TEMPORAL_*`.

    `lazy` connects with the first call instead. `metrics_address` ("host:port") serves the SDK's own metrics.
    Raises ServiceUnavailable.
    """
    config = ClientConfig.load_client_connect_config()
    try:
        return await Client.connect(
            config.get("target_host", address),
            namespace=config.get("namespace", namespace),
            api_key=config.get("api_key"),
            tls=_tls(config),
            rpc_metadata=config.get("rpc_metadata", {}),
            data_converter=pydantic_data_converter,
            lazy=lazy,
            identity=identity,
            runtime=_runtime(metrics_address),
        )
    except (RuntimeError, RPCError) as error:
        raise ServiceUnavailable(f"Temporal does not answer at {address}: {error}") from error


def _tls(config: Mapping[str, object]) -> bool | TLSConfig | None:
    tls = config.get("tls")
    return tls if isinstance(tls, (bool, TLSConfig)) else None


def _runtime(metrics_address: str | None) -> Runtime | None:
    if metrics_address is None:
        return None
    return Runtime(telemetry=TelemetryConfig(metrics=PrometheusConfig(bind_address=metrics_address)))
