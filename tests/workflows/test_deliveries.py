"""Deliveries through bad days: receivers that are away, that are gone, that come back; workers and watches that die.

Time is Temporal's: its test server jumps to whatever is due next, so three days pass in seconds. Receivers are real.
"""

import asyncio
import sys
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography.fernet import Fernet
from pydantic import SecretStr
from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio.client import Client, WorkflowExecutionStatus
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.testing import WorkflowEnvironment
from temporalio.worker import Worker

from activities.delivering import DeliveryActivities, delivery_queue
from adapters.database.deliveries import DeliveryRepository
from adapters.database.delivery_watch import MOST_PENDING_WHILE_FAILING, DeliveryWatchRepository
from adapters.database.engine import open_engine, sessions
from adapters.database.events import EventRepository
from adapters.database.outbox import announce
from adapters.database.webhooks import Subscription, WebhookRepository
from adapters.network.guard import NetworkGuard
from adapters.network.transport import HttpPool
from adapters.secrets import Sealer
from adapters.webhooks.courier import SECRET_OF, Courier
from adapters.webhooks.senders import senders
from adapters.webhooks.signing import new_secret
from core.events import EventType
from core.ids import DEFAULT_PROJECT, new_id
from core.webhooks import Sent, Webhook, WebhookDelivery
from tests.providers import Asked, Provider, Sends, Status
from worker.interceptors import ErrorTranslation
from workflows.delivery import PAUSES_S, DeliveryOutcome, DeliveryWorkflow
from workflows.watch.deliveries import DeliveryWatch

pytestmark = pytest.mark.timeout(300)
TEST_SERVER = Path(sys.executable).parent / "temporal-test-server"
PATH = "hooks/" + 500 * "s3cr3t"
TAKEN, AWAY = Sends(b"thanks"), Status(503)


@dataclass
class Office:
    """Where events come in and deliveries go out."""

    env: WorkflowEnvironment
    engine: AsyncEngine
    http: HttpPool
    sealer: Sealer
    task_queue: str

    @property
    def client(self) -> Client:
        return self.env.client

    @property
    def webhooks(self) -> WebhookRepository:
        return WebhookRepository(sessions(self.engine))

    def watch(self) -> DeliveryWatch:
        """A new one each time: it remembers nothing."""
        repository = DeliveryWatchRepository(sessions(self.engine))
        return DeliveryWatch(client=self.client, watch=repository, task_queue=self.task_queue)

    @asynccontextmanager
    async def worker(self, *, cached: int = 100) -> AsyncGenerator[None]:
        """Keeping so many workflows in mind: with none every step is a replay, and no task waits for a worker that
        has ended."""
        courier = Courier(DeliveryRepository(sessions(self.engine)), self.sealer, senders(self.http, ("loopback",)))
        workflows = Worker(
            self.client, task_queue=self.task_queue, workflows=[DeliveryWorkflow], max_cached_workflows=cached
        )
        activities = Worker(
            self.client,
            task_queue=delivery_queue(self.task_queue),
            activities=[DeliveryActivities(courier).deliver],
            interceptors=[ErrorTranslation()],
            graceful_shutdown_timeout=timedelta(seconds=20),
        )
        async with workflows, activities:
            yield

    async def subscribe(self, receiver: Provider, *events: EventType) -> Webhook:
        webhook_id = new_id("hook")
        sealed = self.sealer.seal(new_secret(), project_id=DEFAULT_PROJECT, name=webhook_id, origin=SECRET_OF)
        subscription = Subscription(
            webhook_id=webhook_id,
            project_id=DEFAULT_PROJECT,
            kind="webhook",
            url=f"{receiver.root}/{PATH}",
            sealed_url=None,
            sealed_secret=sealed,
            events=[each.value for each in events],
            description="",
            position=0,
        )
        return await self.webhooks.add(subscription)

    async def happen(self, *types: EventType) -> None:
        for type_ in types:
            async with sessions(self.engine).begin() as session:
                announce(session, type_, project_id=DEFAULT_PROJECT, subject="thing", source="/v1/things/thing")

    async def log(self, hook: Webhook) -> list[WebhookDelivery]:
        """Oldest first."""
        page = await DeliveryRepository(sessions(self.engine)).page(DEFAULT_PROJECT, hook.webhook_id, limit=500)
        return list(reversed(page.items))

    async def seen(self, hook: Webhook) -> Webhook:
        return await self.webhooks.get(DEFAULT_PROJECT, hook.webhook_id)

    async def outcome(self, delivery: WebhookDelivery) -> DeliveryOutcome:
        """Once its workflow has ended; until then, time jumps by the hour."""
        handle = self.client.get_workflow_handle_for(DeliveryWorkflow.run, delivery.delivery_id)
        while (await handle.describe()).status == WorkflowExecutionStatus.RUNNING:
            await self.env.sleep(timedelta(hours=1))
        return await handle.result()

    async def until(self, hook: Webhook, wanted: Callable[[Webhook], bool], *, look: bool = False) -> None:
        """Returns once the webhook is as wanted; with `look`, a watch looks meanwhile. No time jumps."""
        async with asyncio.timeout(60):
            while not wanted(await self.seen(hook)):
                if look:
                    await self.watch().look()
                await asyncio.sleep(0.05)


@pytest.fixture
async def office(migrated_database_url: str) -> AsyncIterator[Office]:
    sealer = Sealer([SecretStr(Fernet.generate_key().decode())])
    async with (
        await WorkflowEnvironment.start_time_skipping(
            test_server_existing_path=str(TEST_SERVER), data_converter=pydantic_data_converter
        ) as env,
        open_engine(migrated_database_url) as engine,
        HttpPool(NetworkGuard(["loopback"])) as http,
    ):
        yield Office(env, engine, http, sealer, new_id("wrk"))


async def test_a_receiver_that_is_away_for_a_day_gets_everything_though_workers_and_watches_are_replaced(
    office: Office,
) -> None:
    began = await office.env.get_current_time()

    async def answer(_: Asked) -> Any:
        return TAKEN if await office.env.get_current_time() - began > timedelta(days=1) else AWAY

    async with Provider(answer) as receiver:
        hook = await office.subscribe(receiver)
        await office.happen(EventType.RUN_QUEUED, EventType.RUN_PROGRESS, EventType.RUN_COMPLETED)
        await office.watch().look()
        async with office.worker(cached=0):
            await receiver.asked(2)
        log = await office.log(hook)
        assert [each.event.type for each in log] == ["run.queued", "run.completed"], "progress is only for who asks"
        assert {each.status for each in log} == {"pending"}
        # A watch that died before it noted that it had started them.
        await DeliveryWatchRepository(sessions(office.engine)).tidy()
        await office.watch().look()
        async with office.worker(cached=0):
            outcomes = [await office.outcome(each) for each in log]
    assert [each.status for each in outcomes] == ["delivered", "delivered"]
    assert await office.env.get_current_time() - began < timedelta(days=1.5)
    log = await office.log(hook)
    ids = {asked.headers["webhook-id"]: asked.body["id"] for asked in receiver.log}
    assert ids == {each.delivery_id: each.event.id for each in log}, "one id for an event, whatever the attempt"
    for each in log:
        statuses = [attempt.http_status for attempt in each.attempts]
        assert statuses == [503] * (len(statuses) - 1) + [200]
        assert len(statuses) >= 9
        assert each.attempts[0].error == "HTTP 503."
    now = await office.seen(hook)
    assert (now.status, now.pending, now.failing_since) == ("active", 0, None)


async def test_a_receiver_that_fails_for_three_days_is_given_up_and_told_of_and_goes_on_when_enabled(
    office: Office,
) -> None:
    fails = True

    async with Provider(lambda _: AWAY if fails else TAKEN) as receiver, office.worker():
        hook = await office.subscribe(receiver, EventType.RUN_QUEUED)
        await office.happen(EventType.RUN_QUEUED)
        await office.watch().look()
        (first,) = await office.log(hook)
        began = await office.env.get_current_time()
        outcome = await office.outcome(first)
        took = await office.env.get_current_time() - began
        assert (outcome.status, outcome.attempts) == ("failed", len(PAUSES_S) + 1)
        assert timedelta(days=2.7) < took < timedelta(days=3.2)
        disabled = await office.seen(hook)
        assert (disabled.status, disabled.pending) == ("disabled", 0)
        assert "Nothing was taken since" in (disabled.disabled_reason or "")
        told = await EventRepository(sessions(office.engine)).page(DEFAULT_PROJECT, after=0, limit=10)
        (event,) = [each.event for each in told if each.event.type == "webhook.disabled"]
        assert (event.subject, event.data["reason"]) == (hook.webhook_id, disabled.disabled_reason)
        await office.happen(EventType.RUN_QUEUED)
        await office.watch().look()
        assert len(await office.log(hook)) == 1, "it is sent nothing while it is disabled"
        fails = False
        await office.webhooks.change(DEFAULT_PROJECT, hook.webhook_id, {}, enabled=True)
        await office.watch().look()
        _, missed = await office.log(hook)
        assert (await office.outcome(missed)).status == "delivered"
        await DeliveryRepository(sessions(office.engine)).redeliver(DEFAULT_PROJECT, hook.webhook_id, first.delivery_id)
        await office.watch().look()
        assert (await office.outcome(first)).status == "delivered"
    assert receiver.log[-1].headers["webhook-id"] == first.delivery_id


async def test_while_a_receiver_fails_events_wait_in_the_outbox_and_all_come_once_it_is_back(office: Office) -> None:
    fails, count = True, 2 * MOST_PENDING_WHILE_FAILING

    async with Provider(lambda _: AWAY if fails else TAKEN) as receiver, office.worker():
        hook = await office.subscribe(receiver, EventType.RUN_QUEUED)
        await office.happen(EventType.RUN_QUEUED)
        await office.watch().look()
        await receiver.asked(1)
        await office.until(hook, lambda now: now.failing_since is not None)
        await office.happen(*[EventType.RUN_QUEUED] * count)
        await office.watch().look()
        assert (await office.seen(hook)).pending == MOST_PENDING_WHILE_FAILING
        fails = False
        # Nobody lets time jump: those that wait are told that the receiver is back.
        await office.until(hook, lambda now: not now.pending and now.after > count, look=True)
        log = await office.log(hook)
    assert [each.status for each in log] == ["delivered"] * (count + 1)
    assert sorted(int(each.event.id) for each in log) == list(range(1, count + 2))


async def test_a_receiver_that_answers_410_is_asked_once_and_the_path_of_its_address_is_not_told_to_temporal(
    office: Office,
) -> None:
    async with Provider(lambda _: Status(410)) as receiver, office.worker():
        hook = await office.subscribe(receiver, EventType.RUN_QUEUED)
        await office.happen(EventType.RUN_QUEUED)
        await office.watch().look()
        (delivery,) = await office.log(hook)
        assert (await office.outcome(delivery)).status == "failed"
        history = await office.client.get_workflow_handle(delivery.delivery_id).fetch_history()
        assert "s3cr3t" not in history.to_json()
    now = await office.seen(hook)
    assert (now.status, now.disabled_reason) == ("disabled", "The receiver answered 410: it wants nothing more.")
    assert len(receiver.log) == 1


async def test_what_is_on_its_way_to_a_webhook_that_was_removed_ends(office: Office) -> None:
    async with Provider(lambda _: AWAY) as receiver, office.worker():
        hook = await office.subscribe(receiver, EventType.RUN_QUEUED)
        await office.happen(EventType.RUN_QUEUED)
        await office.watch().look()
        (delivery,) = await office.log(hook)
        await receiver.asked(1)
        await office.webhooks.remove(DEFAULT_PROJECT, hook.webhook_id)
        assert (await office.outcome(delivery)).status == "failed"


async def test_an_event_that_alone_is_refused_is_hurried_once_and_not_whenever_others_are_taken(office: Office) -> None:
    refused = Status(400)
    async with Provider(lambda asked: refused if asked.body["id"] == "1" else TAKEN) as receiver, office.worker():
        hook = await office.subscribe(receiver, EventType.RUN_QUEUED)
        for after in range(1, 6):
            await office.happen(EventType.RUN_QUEUED)
            await office.until(hook, lambda now, after=after: now.after == after and now.pending == 1, look=True)
            await office.watch().look()
        asked = [each.body["id"] for each in receiver.log]
    assert asked.count("1") <= 2
    assert {"2", "3", "4", "5"} <= set(asked)


async def test_events_that_are_refused_for_their_own_sake_keep_no_other_from_a_receiver(office: Office) -> None:
    refused = MOST_PENDING_WHILE_FAILING
    async with (
        Provider(lambda asked: Status(400) if int(asked.body["id"]) <= refused else TAKEN) as receiver,
        office.worker(),
    ):
        hook = await office.subscribe(receiver, EventType.RUN_QUEUED)
        await office.happen(*[EventType.RUN_QUEUED] * refused)
        await office.watch().look()
        await receiver.asked(refused)
        await office.happen(EventType.RUN_QUEUED)
        await office.until(hook, lambda now: now.after > refused and now.pending == refused, look=True)
        log = await office.log(hook)
    assert log[-1].status == "delivered"


async def test_a_receiver_that_says_when_to_come_back_is_not_hurried_before(office: Office) -> None:
    """Unlike one that says nothing of it: what waits for that one is sent as soon as it takes something."""
    busy = Status(503, headers={"Retry-After": "3600"})
    answers = {"1": [busy, TAKEN], "2": [AWAY, TAKEN]}

    def answer(asked: Asked) -> Any:
        left = answers.get(asked.body["id"], [])
        return left.pop(0) if left else TAKEN

    async with Provider(answer) as receiver, office.worker():
        hook = await office.subscribe(receiver, EventType.RUN_QUEUED)
        await office.happen(EventType.RUN_QUEUED, EventType.RUN_QUEUED)
        await office.watch().look()
        await receiver.asked(2)
        await office.until(hook, lambda now: now.failing_since is not None)
        await office.happen(EventType.RUN_QUEUED)
        await office.until(hook, lambda now: now.pending == 1, look=True)
        await office.watch().look()
        held, hurried, _ = await office.log(hook)
        assert [held.status, hurried.status] == ["pending", "delivered"]
        assert len(held.attempts) == 1
        assert (await office.outcome(held)).status == "delivered"


async def test_what_is_asked_for_after_another_attempt_is_not_taken_for_told(office: Office) -> None:
    watch = DeliveryWatchRepository(sessions(office.engine))
    deliveries = DeliveryRepository(sessions(office.engine))
    async with Provider(lambda _: TAKEN) as receiver:
        hook = await office.subscribe(receiver, EventType.RUN_QUEUED)
        await office.happen(EventType.RUN_QUEUED)
        await watch.take(hook.webhook_id)
        read = await watch.due()
        # Its workflow is started and sends it, somebody asks for it anew, and only then the watch notes that it told.
        now = datetime.now(UTC)
        await deliveries.record(read[0].delivery_id, Sent(), started_at=now, seconds=0.1, wait_s=5)
        await deliveries.redeliver(DEFAULT_PROJECT, hook.webhook_id, read[0].delivery_id)
        await watch.mark_told(read)
        again = await watch.due()
        assert [each.delivery_id for each in again] == [read[0].delivery_id]
        await watch.mark_told(again)
        assert not await watch.due()
