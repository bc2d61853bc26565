"""Asking an agent one question from the API, to see whether it answers."""

import asyncio
from typing import Any, Final

from adapters.submission.validation import mistakes_of_agent, refuse
from api.services import Services
from core.benchmarks import AgentSpec
from core.cases import Message, Question, Reply
from core.errors import TimedOut
from core.plugins import find, settings_of

LONGEST_S: Final = 60.0


async def try_agent(services: Services, spec: AgentSpec, question: str, project_id: str, *, pointer: str = "") -> Reply:
    """The agent's reply. Raises what agents raise; InvalidRequest for settings that cannot work."""
    refuse(mistakes_of_agent(spec, pointer=pointer))
    spec = spec.model_copy(update={"timeout_s": min(spec.timeout_s, LONGEST_S)})
    plugin = find("agents", spec.agent.kind)
    agent = plugin.build(settings_of("agents", spec.agent), services.agent_context(spec, project_id))
    asked = Question(
        case_id="trial",
        messages=_messages(spec, question),
        expected=question if plugin.simulated else None,
    )
    try:
        async with asyncio.timeout(spec.timeout_s + 1):
            return await agent.ask(asked)
    except TimeoutError as error:
        raise TimedOut(f"The agent gave no complete answer within {spec.timeout_s:g} s.") from error
    finally:
        close: Any = getattr(agent, "aclose", None)
        if close is not None:
            await close()


def _messages(spec: AgentSpec, question: str) -> tuple[Message, ...]:
    user = Message(role="user", content=question)
    if spec.prompt is None or spec.prompt.system is None:
        return (user,)
    return Message(role="system", content=spec.prompt.system), user
