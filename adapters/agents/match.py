"""No model: of answers that several agents gave before, this one is the first's, and brings the second's beside it.

A pairwise judge with `against: opponent` compares the two. The question's text is a JSON object: by the name of each
contestant its answers, one for each trial, null where it has none.
"""

from pydantic import TypeAdapter, ValidationError

from core.cases import Question, Reply
from core.errors import AgentRefused
from core.model import Name
from core.plugins import Plugin, PluginSettings
from core.ports import AgentContext
from core.preferences import OPPONENT

Answers = dict[str, list[str | None]]
ANSWERS = TypeAdapter(Answers)


class MatchSettings(PluginSettings):
    first: Name
    """The contestant whose answer it gives."""
    second: Name
    """The contestant whose answer stands beside it."""


class MatchAgent:
    def __init__(self, settings: MatchSettings, context: AgentContext) -> None:
        self._settings = settings

    async def ask(self, question: Question) -> Reply:
        """Raises AgentRefused where one of the two has no answer."""
        answers = _answers(question)
        first, second = (_answer(answers, name, question) for name in (self._settings.first, self._settings.second))
        return Reply(text=first, model="recorded", finish_reason="stop", metadata={OPPONENT: second})


def _answers(question: Question) -> Answers:
    try:
        return ANSWERS.validate_json(question.text)
    except ValidationError as error:
        raise AgentRefused("The question is no JSON object with a list of answers for each contestant.") from error


def _answer(answers: Answers, name: str, question: Question) -> str:
    texts = answers.get(name, [])
    text = texts[question.trial] if question.trial < len(texts) else None
    if text is None:
        raise AgentRefused(f"{name!r} has no answer to case {question.case_id!r} in trial {question.trial}.")
    return text


plugin = Plugin(MatchSettings, MatchAgent, summary="Two recorded answers side by side, for judges.", simulated=True)
