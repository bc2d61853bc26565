"""The evaluator `latency`: the answer came in time."""

from pydantic import Field

from core.cases import Case, Reply
from core.plugins import Plugin, PluginSettings
from core.verdicts import Scored


class LatencySettings(PluginSettings):
    max_s: float = Field(gt=0)
    """Seconds from sending the request to having the whole answer; waiting for a free place is not in it."""


class Latency:
    def __init__(self, settings: LatencySettings) -> None:
        self._most = settings.max_s

    async def evaluate(self, case: Case, reply: Reply) -> Scored:
        taken = reply.latency_s
        return Scored(value=float(taken <= self._most), answer=f"{taken:.3f} s", details={"latency_s": taken})


plugin = Plugin(LatencySettings, Latency, version="1", summary="The answer came within so many seconds.")
