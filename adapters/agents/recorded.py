"""No model: the question's own text is the answer. For judging texts that were written before.

A prompt says where they stand: `template: "{{ metadata.answer }}"`.
"""

from core.cases import Question, Reply
from core.plugins import Plugin, PluginSettings
from core.ports import AgentContext


class RecordedSettings(PluginSettings):
    """It has none: the prompt's template names the recorded text."""


class RecordedAgent:
    def __init__(self, settings: RecordedSettings, context: AgentContext) -> None:
        pass

    async def ask(self, question: Question) -> Reply:
        return Reply(text=question.text, model="recorded", finish_reason="stop")


plugin = Plugin(RecordedSettings, RecordedAgent, summary="Texts written before, given back as answers.", simulated=True)
