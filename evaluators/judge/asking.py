"""One judge at work: asked, and waited for while it is throttled or away."""

from typing import NamedTuple

from core.benchmarks import AgentSpec
from core.cases import Question, Reply
from core.ports import Agents
from core.verdicts import Spent
from evaluators.calling import Calling


class Heard(NamedTuple):
    """What came of asking: a reply, or why there is none."""

    reply: Reply | None
    spent: Spent
    trouble: str | None = None
    away: bool = False
    """The judge could not be had: another time it may be."""


class Judge:
    """Asks one agent. Calls in flight are bounded by the leases, over all answers that are judged in this process."""

    def __init__(self, spec: AgentSpec, agents: Agents) -> None:
        self._spec = spec
        self._agents = agents
        self._calling = Calling(f"The judge {spec.name!r}", max_attempts=spec.max_attempts, timeout_s=spec.timeout_s)

    @property
    def name(self) -> str:
        return self._spec.name

    async def ask(self, question: Question) -> Heard:
        """Repeats calls that fail for a time, as often and as slowly as the agent's settings say."""
        called = await self._calling.ask(lambda: self._agents.lease(self._spec), lambda agent: agent.ask(question))
        usage = called.answer.usage if called.answer else None
        spent = Spent(
            calls=called.calls,
            input_tokens=usage.input_tokens if usage else None,
            output_tokens=usage.output_tokens if usage else None,
            cost_usd=called.answer.cost_usd if called.answer else None,
        )
        return Heard(called.answer, spent, called.trouble, called.away)
