"""One event on its way to one webhook: tried at once, then with growing pauses for three days."""

from datetime import timedelta
from typing import Final

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from activities.delivering import DeliverInput, DeliveryActivities, delivery_queue
    from core.model import Model
    from core.webhooks import DeliveryStatus
    from workflows.policies import DELIVER, told

MINUTE: Final = 60
HOUR: Final = 60 * MINUTE
PAUSES_S: Final = (5, 30, 2 * MINUTE, 10 * MINUTE, 30 * MINUTE, HOUR, 2 * HOUR, 4 * HOUR, *([6 * HOUR] * 10))
"""Between the attempts: 67.7 hours, and up to a tenth more by chance, so that not all come back at once."""
JITTER: Final = 0.1


class DeliveryInput(Model):
    delivery_id: str
    title: str
    """For people: what is sent where."""
    step: int = 0
    """Pauses that are over, when it continues as new."""


class DeliveryOutcome(Model):
    status: DeliveryStatus
    attempts: int


@workflow.defn
class DeliveryWorkflow:
    def __init__(self) -> None:
        self._hurried = False
        self._attempts = 0

    @workflow.run
    async def run(self, input: DeliveryInput) -> DeliveryOutcome:
        step = input.step
        while True:
            self._hurried = False
            status, wait_s = await self._attempt(input, step)
            if wait_s is not None:
                step += await self._rested(wait_s)
            elif not self._hurried:
                return DeliveryOutcome(status=status, attempts=self._attempts)
            if workflow.info().is_continue_as_new_suggested():
                workflow.continue_as_new(input.model_copy(update={"step": step}))

    @workflow.signal
    def hurry(self) -> None:
        """The next attempt is due at once: somebody asked for it, or the receiver is back."""
        self._hurried = True

    async def _attempt(self, input: DeliveryInput, step: int) -> tuple[DeliveryStatus, float | None]:
        """How the delivery stands, and the time until the next attempt; None when it is settled."""
        self._attempts += 1
        pause_s = PAUSES_S[step] * (1 + JITTER * workflow.random().random()) if step < len(PAUSES_S) else None
        policy = told(DELIVER, f"attempt {self._attempts}: {input.title}")
        policy["task_queue"] = delivery_queue(workflow.info().task_queue)
        tried = await workflow.execute_activity_method(
            DeliveryActivities.deliver,
            DeliverInput(delivery_id=input.delivery_id, pause_s=pause_s),
            **policy,
        )
        workflow.set_current_details(f"{input.title}: **{tried.status}** after {self._attempts} attempts. {tried.said}")
        return tried.status, tried.wait_s

    async def _rested(self, wait_s: float) -> bool:
        """False when the pause was cut short, which uses up none of the pauses there are."""
        wait = timedelta(seconds=wait_s)
        try:
            await workflow.wait_condition(lambda: self._hurried, timeout=wait, timeout_summary="until the next attempt")
        except TimeoutError:
            return True
        return False
