"""Delivering: an event is brought to a webhook, once per attempt."""

from temporalio import activity

from core.model import Model
from core.ports import Couriers
from core.webhooks import Tried


def delivery_queue(task_queue: str) -> str:
    """Where deliveries are worked on, so that slow receivers keep no run from its steps."""
    return f"{task_queue}-deliveries"


class DeliverInput(Model):
    delivery_id: str
    pause_s: float | None
    """Until the next attempt, if this one fails; None when it is the last."""


class DeliveryActivities:
    def __init__(self, couriers: Couriers) -> None:
        self._couriers = couriers

    @activity.defn
    async def deliver(self, input: DeliverInput) -> Tried:
        return await self._couriers.deliver(input.delivery_id, pause_s=input.pause_s)
