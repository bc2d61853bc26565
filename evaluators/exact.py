"""The evaluator `exact`: the answer is the expected text, case, spaces and punctuation aside."""

from core.cases import Case, Reply
from core.plugins import Plugin, PluginSettings
from core.verdicts import Scored
from evaluators.expectation import References
from evaluators.extraction import Extraction, excerpt
from evaluators.normalization import Normalization


class ExactSettings(PluginSettings, References, Normalization):
    """Compares the whole reply unless `extract` says where the answer stands."""

    extract: Extraction = Extraction()
    """Where in the reply the answer stands; by default it is the whole reply."""


class Exact:
    def __init__(self, settings: ExactSettings) -> None:
        self._settings = settings

    async def evaluate(self, case: Case, reply: Reply) -> Scored:
        accepted = self._settings.references(case)
        answer = self._settings.extract.first(reply.text)
        if answer is None:
            return Scored(value=0, reason="no answer found")
        right = self._settings.of(answer) in {self._settings.of(each) for each in accepted}
        return Scored(value=float(right), answer=excerpt(answer))


plugin = Plugin(ExactSettings, Exact, version="1", summary="The answer equals the expected text.")
