"""Stored agents, by name and version: what runs may name instead of spelling it out."""

import hashlib

import orjson

from adapters.database.engine import Sessions
from adapters.database.tables import AgentRow
from adapters.database.versions import Versions
from core.benchmarks import AgentSpec
from core.definitions import AgentVersion
from core.ids import new_id
from core.pages import Page


class AgentRepository:
    def __init__(self, sessions: Sessions) -> None:
        self._versions = Versions(sessions, AgentRow, "agent")

    async def add(self, project_id: str, spec: AgentSpec) -> AgentVersion:
        """The next version of the name it bears; the newest version, if that says the same."""
        row = AgentRow(
            agent_id=new_id("agent"),
            project_id=project_id,
            name=spec.name,
            spec=spec.model_dump(mode="json"),
            digest=digest_of(spec),
        )
        return _agent(await self._versions.add(row, unique=False))

    async def get(self, project_id: str, name: str, version: int | None = None) -> AgentVersion:
        """By name (the newest version unless one is given) or by id. Raises NotFound."""
        return _agent(await self._versions.get(project_id, name, version, identity="agent_id"))

    async def page(self, project_id: str, *, limit: int, cursor: str | None = None) -> Page[AgentVersion]:
        """The newest version of every agent, by name."""
        page = await self._versions.newest(project_id, limit=limit, cursor=cursor)
        return Page(tuple(map(_agent, page.items)), page.next_cursor)

    async def versions(
        self, project_id: str, name: str, *, limit: int, cursor: str | None = None
    ) -> Page[AgentVersion]:
        """The newest first."""
        page = await self._versions.of(project_id, name, limit=limit, cursor=cursor)
        return Page(tuple(map(_agent, page.items)), page.next_cursor)


def digest_of(spec: AgentSpec) -> str:
    """What tells the versions of an agent apart."""
    return hashlib.sha256(orjson.dumps(spec.model_dump(mode="json"), option=orjson.OPT_SORT_KEYS)).hexdigest()


def _agent(row: AgentRow) -> AgentVersion:
    return AgentVersion.model_validate({name: getattr(row, name) for name in AgentVersion.model_fields})
