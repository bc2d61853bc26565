"""Provider keys for people: what each stands at, the rules of the operator, what a run waits for."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, Final

from sqlalchemy import Select, delete, func, select, update
from sqlalchemy.dialects.postgresql import insert

from adapters.database.cursors import Cursor
from adapters.database.engine import Sessions
from adapters.database.limit_tables import LimitRuleRow, ProviderKeyRow, ProviderStakeRow, SaltRow
from adapters.database.revisions import Expected, expect
from core.errors import NotFound
from core.ids import new_id
from core.key_state import KeyState, Stake
from core.limit_views import KeyUse, KeyView, LimitRule, LimitWait
from core.limits import NO_LIMITS, Limits, ProviderKey
from core.pages import Page
from core.sharing import LEASE_S

KEYS: Final = Cursor("limits", tuple[str])
RULES: Final = Cursor("limit_rules", tuple[str])


class LimitRepository:
    def __init__(self, sessions: Sessions) -> None:
        self._sessions = sessions

    async def salt(self) -> str:
        """The key of the hash that names provider keys."""
        async with self._sessions() as session:
            return (await session.scalars(select(SaltRow.salt))).one()

    async def set(
        self,
        origin: str,
        credential: str | None,
        model: str | None,
        limits: Limits,
        *,
        expected: Expected | None = None,
    ) -> LimitRule:
        """In place of what was set for the same keys. Raises StaleRevision unless that is at the expected revision."""
        rule = LimitRuleRow
        known = select(rule.revision).where(
            rule.origin == origin,
            rule.credential.is_not_distinct_from(credential),
            rule.model.is_not_distinct_from(model),
        )
        row = insert(LimitRuleRow).values(
            rule_id=new_id("limit"), origin=origin, credential=credential, model=model, limits=limits.model_dump()
        )
        async with self._sessions.begin() as session:
            content = {"limits": limits.model_dump(), "revision": await expect(session, known, expected)}
            upsert = row.on_conflict_do_update(index_elements=["origin", "credential", "model"], set_=content)
            upsert = upsert.returning(LimitRuleRow)
            return _rule((await session.scalars(upsert)).one())

    async def rule_page(self, *, limit: int, cursor: str | None = None) -> Page[LimitRule]:
        """By id."""
        query = select(LimitRuleRow)
        if (after := RULES.decode(cursor)) is not None:
            query = query.where(LimitRuleRow.rule_id > after[0])
        async with self._sessions() as session:
            rows = await session.scalars(query.order_by(LimitRuleRow.rule_id).limit(limit + 1))
            found = [_rule(row) for row in rows]
        return RULES.page(found, limit, lambda rule: (rule.rule_id,))

    async def rule(self, rule_id: str) -> LimitRule:
        """Raises NotFound."""
        async with self._sessions() as session:
            row = await session.get(LimitRuleRow, rule_id)
        if row is None:
            raise NotFound(f"There is no rule {rule_id!r}.")
        return _rule(row)

    async def rules(self) -> tuple[LimitRule, ...]:
        rule = LimitRuleRow
        async with self._sessions() as session:
            rows = await session.scalars(select(rule).order_by(rule.origin, rule.credential, rule.model))
            return tuple(_rule(row) for row in rows)

    async def remove(self, rule_id: str, *, expected: Expected | None = None) -> LimitRule:
        """Raises NotFound, StaleRevision."""
        query = delete(LimitRuleRow).where(LimitRuleRow.rule_id == rule_id).returning(LimitRuleRow)
        known = select(LimitRuleRow.revision).where(LimitRuleRow.rule_id == rule_id)
        async with self._sessions.begin() as session:
            await expect(session, known, expected)
            row = await session.scalar(query)
        if row is None:
            raise NotFound(f"There is no rule {rule_id!r}.")
        return _rule(row)

    async def forget(self, key_id: str) -> None:
        """What was learned of the key: its rate, its breaker, its exhaustion. Raises NotFound."""
        async with self._sessions.begin() as session:
            row = await session.get(ProviderKeyRow, key_id, with_for_update=True)
            if row is None:
                raise NotFound(f"There is no provider key {key_id!r}.")
            known = KeyState.model_validate(row.state)
            # A later epoch: results of calls that are out say nothing about what is learned from here on.
            fresh = KeyState().pace.model_copy(update={"epoch": known.pace.epoch + 1})
            state = KeyState(pace=fresh, answered_at=known.answered_at, throttled=known.throttled)
            await session.execute(
                update(ProviderKeyRow).where(ProviderKeyRow.key_id == key_id).values(state=state.model_dump())
            )

    async def page(self, *, limit: int, cursor: str | None = None) -> Page[KeyView]:
        """By key id."""
        query = select(ProviderKeyRow)
        if (after := KEYS.decode(cursor)) is not None:
            query = query.where(ProviderKeyRow.key_id > after[0])
        async with self._sessions() as session:
            rows = (await session.scalars(query.order_by(ProviderKeyRow.key_id).limit(limit + 1))).all()
            stakes = await session.scalars(_live().where(ProviderStakeRow.key_id.in_([row.key_id for row in rows])))
            uses: defaultdict[str, list[Stake]] = defaultdict(list)
            for row in stakes:
                uses[row.key_id].append(Stake.model_validate(row.stake))
            now = (await session.scalars(select(func.now()))).one()
        rules = await self.rules()
        views = [_view(row, uses[row.key_id], _limits(row, rules), now) for row in rows]
        return KEYS.page(views, limit, lambda view: (view.key_id,))

    async def standing(self, key: ProviderKey) -> tuple[Limits, float | None]:
        """What the key may be asked for, by rules and by its provider's word, and the calls a second that are tried."""
        async with self._sessions() as session:
            row = await session.get(ProviderKeyRow, key.key_id)
        limits = _limits(key, await self.rules())
        if row is None:
            return limits, None
        state = KeyState.model_validate(row.state)
        return limits.narrowed(state.told), state.pace.rate

    async def waiting(self, run_id: str) -> tuple[LimitWait, ...]:
        """What the run waits for at this moment, by key."""
        query = (
            _live()
            .add_columns(ProviderKeyRow)
            .join(ProviderKeyRow, ProviderKeyRow.key_id == ProviderStakeRow.key_id)
            .where(ProviderStakeRow.run_id == run_id)
            .order_by(ProviderKeyRow.key_id)
        )
        async with self._sessions() as session:
            found = (await session.execute(query)).all()
        waits: dict[str, LimitWait] = {}
        for row, key in found:
            stake = Stake.model_validate(row.stake)
            if stake.waiting_since is None:
                continue
            since = _moment(stake.waiting_since)
            before = waits.get(key.key_id)
            waits[key.key_id] = LimitWait(
                key_id=key.key_id,
                origin=key.origin,
                credential=key.credential,
                model=key.model,
                calls=stake.waiting + (before.calls if before else 0),
                since=min(since, before.since) if before else since,
                until=row.until,
                reason=row.reason,
            )
        return tuple(waits.values())


def _live() -> Select[Any]:
    """Stakes of processes that still report."""
    lease = func.make_interval(0, 0, 0, 0, 0, 0, LEASE_S)
    return select(ProviderStakeRow).where(ProviderStakeRow.seen_at > func.now() - lease)


def _rule(row: LimitRuleRow) -> LimitRule:
    return LimitRule.model_validate({field: getattr(row, field) for field in LimitRule.model_fields})


def _limits(key: ProviderKeyRow | ProviderKey, rules: Sequence[LimitRule]) -> Limits:
    """Of the rule that says most about the key, as `adapters.database.shared_limits` chooses it."""
    fitting = [
        rule
        for rule in rules
        if rule.origin == key.origin and rule.credential in (None, key.credential) and rule.model in (None, key.model)
    ]
    fitting.sort(key=lambda rule: (rule.credential is None, rule.model is None))
    return fitting[0].limits if fitting else NO_LIMITS


def _view(row: ProviderKeyRow, stakes: Sequence[Stake], limits: Limits, now: datetime) -> KeyView:
    state = KeyState.model_validate(row.state)
    circuit, at = state.circuit, now.timestamp()
    return KeyView(
        key_id=row.key_id,
        origin=row.origin,
        credential=row.credential,
        model=row.model,
        limits=limits,
        told=state.told,
        calls_per_second=state.pace.rate,
        waits_until=_moment(state.pace.blocked_until) if state.pace.blocked_until > at else None,
        breaker=circuit.state(at),
        failures_in_a_row=circuit.streak,
        last_failure=circuit.detail,
        tried_again_at=_moment(circuit.retry_at) if circuit.opened_at is not None else None,
        exhausted=state.exhausted,
        answered_at=None if state.answered_at is None else _moment(state.answered_at),
        throttled=state.throttled,
        seen_at=row.seen_at,
        runs=_uses(stakes),
    )


def _uses(stakes: Sequence[Stake]) -> tuple[KeyUse, ...]:
    runs: defaultdict[str, list[Stake]] = defaultdict(list)
    for stake in stakes:
        runs[stake.asker.run_id].append(stake)
    return tuple(
        KeyUse(
            run_id=run_id,
            waiting=sum(stake.waiting for stake in parts),
            in_flight=sum(stake.in_flight for stake in parts),
            workers=len(parts),
            waiting_since=min((_moment(stake.waiting_since) for stake in parts if stake.waiting_since), default=None),
        )
        for run_id, parts in sorted(runs.items())
    )


def _moment(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
