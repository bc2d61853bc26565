"""The evaluator `cost`: the answer was cheap enough."""

from pydantic import Field

from core.cases import Case, Reply
from core.errors import CannotJudge
from core.plugins import Plugin, PluginSettings
from core.verdicts import Scored


class CostSettings(PluginSettings):
    max_usd: float = Field(ge=0)
    """US dollars for the one call that was answered."""


class Cost:
    def __init__(self, settings: CostSettings) -> None:
        self._most = settings.max_usd

    async def evaluate(self, case: Case, reply: Reply) -> Scored:
        paid = reply.cost_usd
        if paid is None:
            raise CannotJudge("The price of this answer is not known; give the agent a `price`.")
        return Scored(value=float(paid <= self._most), answer=f"${paid:.6f}", details={"cost_usd": paid})


plugin = Plugin(CostSettings, Cost, version="1", summary="The answer cost no more than so many dollars.")
