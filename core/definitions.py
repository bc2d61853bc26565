"""What people store by name for later runs: benchmarks, agents, credentials. Every change of content is a version."""

from datetime import datetime

from core.benchmarks import AgentSpec, BenchmarkDefinition
from core.ids import DEFAULT_PROJECT
from core.model import Model, Name


class BenchmarkVersion(Model):
    benchmark_id: str
    project_id: str = DEFAULT_PROJECT
    name: Name
    version: int
    """Counts from 1; storing the newest content again makes no version."""
    definition: BenchmarkDefinition
    digest: str
    """sha256 of the canonical definition."""
    created_at: datetime


class AgentVersion(Model):
    agent_id: str
    project_id: str = DEFAULT_PROJECT
    name: Name
    version: int
    """Counts from 1; storing the newest content again makes no version."""
    spec: AgentSpec
    digest: str
    """sha256 of the canonical specification."""
    created_at: datetime


class Credential(Model):
    """What may be told of a stored secret: never the secret."""

    credential_id: str
    project_id: str = DEFAULT_PROJECT
    name: Name
    origin: str
    """The only place it is sent to: `scheme://host:port`."""
    created_at: datetime
    updated_at: datetime
    revision: int
    """Another one with every change; a change may name the one it knows (`If-Match`)."""


class SealedCredential(Credential):
    ciphertext: str


class AuditEvent(Model):
    """Somebody did something."""

    audit_no: int
    principal: str
    action: str
    subject: str
    data: dict[str, str]
    created_at: datetime
