"""A simulator, not a model: it knows the expected answers and is right as often as it is told to be.

For trials, documentation and load tests without a provider. The same settings give the same answers, whichever worker
asks and in whatever order.
"""

import asyncio
from hashlib import blake2b

from pydantic import Field

from core.cases import Question, Reply, Usage
from core.errors import Unavailable
from core.plugins import Plugin, PluginSettings
from core.ports import AgentContext


class SimulatedSettings(PluginSettings):
    accuracy: float = Field(default=1.0, ge=0, le=1, description="Share of the questions answered as expected.")
    latency_s: float = Field(default=0.0, ge=0, le=600, description="Mean seconds of an answer.")
    latency_spread: float = Field(
        default=0.0, ge=0, le=1, description="0: always the mean; 1: anything from nothing to twice the mean."
    )
    error_rate: float = Field(
        default=0.0, ge=0, le=1, description="Share of the questions whose first call fails as a provider's would."
    )
    wrong_answer: str = Field(default="I do not know.", description="Said when not right.")
    seed: int = Field(default=0, description="Another seed is right about other questions.")


class SimulatedAgent:
    def __init__(self, settings: SimulatedSettings, context: AgentContext) -> None:
        self._settings = settings
        self._failed: set[tuple[str, int]] = set()

    async def ask(self, question: Question) -> Reply:
        settings = self._settings
        right, slowness, fault = self._draws(question)
        self._fail_once(question, fault)
        latency_s = settings.latency_s * (1 + settings.latency_spread * (2 * slowness - 1))
        if latency_s > 0:
            await asyncio.sleep(latency_s)
        knows = right < settings.accuracy and question.expected is not None
        text = question.expected if knows and question.expected is not None else settings.wrong_answer
        return Reply(
            text=text,
            usage=Usage(
                input_tokens=sum(len(m.content.split()) for m in question.messages), output_tokens=len(text.split())
            ),
            model="simulated",
            finish_reason="stop",
            latency_s=latency_s,
        )

    def _draws(self, question: Question) -> tuple[float, float, float]:
        """Three numbers in [0, 1) that only this question of this seed has."""
        name = f"{self._settings.seed}\n{question.trial}\n{question.case_id}".encode(errors="surrogatepass")
        digest = blake2b(name, digest_size=24).digest()
        first, second, third = (int.from_bytes(digest[i : i + 8]) / 2**64 for i in (0, 8, 16))
        return first, second, third

    def _fail_once(self, question: Question, fault: float) -> None:
        key = (question.case_id, question.trial)
        if fault < self._settings.error_rate and key not in self._failed:
            self._failed.add(key)
            raise Unavailable("The simulator fails this call, as its `error_rate` says.", retry_after=0.0)
        self._failed.discard(key)


plugin = Plugin(SimulatedSettings, SimulatedAgent, summary="A simulator, not a model.", simulated=True)
