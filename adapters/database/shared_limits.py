"""Provider keys in PostgreSQL: every exchange locks the key's row, so all processes are served one after the other.

Times are the database's own, so processes whose clocks differ agree.
"""

from collections.abc import Sequence
from typing import Final

import asyncpg
import orjson
from sqlalchemy.ext.asyncio import AsyncEngine

from adapters.database.connections import LOST, raw_connection
from core.errors import ServiceUnavailable
from core.key_state import KeyState, Stake
from core.limits import NO_LIMITS, Allowance, Limits, ProviderKey, Report
from core.sharing import LEASE_S, exchange

FIRST: Final = """
insert into provider_keys (key_id, origin, credential, model, state) values ($1, $2, $3, $4, '{}')
on conflict do nothing
"""
LOCK: Final = "select state::text from provider_keys where key_id = $1 for update"
LOOK: Final = f"""
select
  extract(epoch from clock_timestamp())::float8 as now,
  array(
    select stake::text from provider_stakes
    where key_id = $1 and seen_at > clock_timestamp() - make_interval(secs => {LEASE_S})
  ) as stakes,
  (
    select limits::text from limit_rules
    where origin = $2 and coalesce(credential = $3, credential is null) and coalesce(model = $4, model is null)
    order by credential is null, model is null limit 1
  ) as limits
"""
WRITE: Final = f"""
with known as (
  update provider_keys set state = $2::text::jsonb, seen_at = clock_timestamp() where key_id = $1
), gone as (
  delete from provider_stakes
  where key_id = $1 and (
    seen_at <= clock_timestamp() - make_interval(secs => {LEASE_S}) or (owner = $3 and not run_id = any($4::text[]))
  )
)
insert into provider_stakes (key_id, owner, run_id, stake, reason, until, seen_at)
select $1, $3, run_id, stake::jsonb, $6, to_timestamp($7::float8), clock_timestamp()
from unnest($4::text[], $5::text[]) as own(run_id, stake)
on conflict (key_id, owner, run_id) do update
  set stake = excluded.stake, reason = excluded.reason, until = excluded.until, seen_at = excluded.seen_at
"""


class PostgresLimits:
    """Implements `core.ports.SharedLimits`."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def exchange(self, key: ProviderKey, report: Report) -> Allowance:
        try:
            async with raw_connection(self._engine) as connection, connection.transaction():
                return await _exchanged(connection, key, report)
        except LOST as error:
            raise ServiceUnavailable(f"The limits of {key.label} cannot be read: {error}") from error


async def _exchanged(connection: "asyncpg.Connection[asyncpg.Record]", key: ProviderKey, report: Report) -> Allowance:
    state = await _locked(connection, key)
    seen = await connection.fetchrow(LOOK, key.key_id, key.origin, key.credential, key.model)
    assert seen is not None
    limits = Limits.model_validate_json(seen["limits"]) if seen["limits"] else NO_LIMITS
    state = state.model_copy(update={"limits": limits})
    stakes = [Stake.model_validate_json(stake) for stake in seen["stakes"]]
    others = [stake for stake in stakes if stake.owner != report.owner]
    own = [stake for stake in stakes if stake.owner == report.owner]
    state, kept, allowance = exchange(state, others, own, report, seen["now"])
    await _write(connection, key, report.owner, state, kept, allowance, seen["now"])
    return allowance


async def _locked(connection: "asyncpg.Connection[asyncpg.Record]", key: ProviderKey) -> KeyState:
    state = await connection.fetchval(LOCK, key.key_id)
    if state is None:
        await connection.execute(FIRST, key.key_id, key.origin, key.credential, key.model)
        state = await connection.fetchval(LOCK, key.key_id)
    return KeyState.model_validate_json(state)


async def _write(
    connection: "asyncpg.Connection[asyncpg.Record]",
    key: ProviderKey,
    owner: str,
    state: KeyState,
    stakes: Sequence[Stake],
    allowance: Allowance,
    now: float,
) -> None:
    await connection.execute(
        WRITE,
        key.key_id,
        orjson.dumps(state.model_dump(mode="json")).decode(),
        owner,
        [stake.asker.run_id for stake in stakes],
        [stake.model_dump_json() for stake in stakes],
        allowance.exhausted or allowance.reason,
        now + allowance.wait_s if allowance.wait_s else None,
    )
