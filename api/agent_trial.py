"""Asking an agent one question from the API, to see whether it answers."""

import asyncio
from typing import Any, Final

from adapters.submission.validation import mistakes_of_agent, refuse
from api.services import Services
from core.benchmarks import AgentSpec
from core.cases import Message, Question, Reply
from core.errors import BenchmarkError, TimedOut
from core.limits import Asker
from core.plugins import find, settings_of
from core.ports import Agent

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
        return await _asked(services, agent, asked, spec, project_id)
    finally:
        close: Any = getattr(agent, "aclose", None)
        if close is not None:
            await close()


async def _asked(services: Services, agent: Agent, asked: Question, spec: AgentSpec, project_id: str) -> Reply:
    """The reply, once the provider key has room for a call: trials are one more who share it with the runs."""
    asker = Asker(run_id="trial", project_id=project_id, limits=spec.limits)
    admitted = False
    try:
        async with (
            asyncio.timeout(spec.timeout_s + 1) as deadline,
            services.desks.joined_at(await services.key_names.of(agent), asker, asyncio.Event()) as admission,
        ):
            with await admission.admit() as ticket:
                admitted = True
                deadline.reschedule(asyncio.get_running_loop().time() + spec.timeout_s + 1)
                try:
                    reply = await agent.ask(asked)
                except BenchmarkError as error:
                    ticket.failed(error)
                    raise
                ticket.answered(reply.usage)
                return reply
    except TimeoutError as error:
        if admitted:
            raise TimedOut(f"The agent gave no complete answer within {spec.timeout_s:g} s.") from error
        raise TimedOut(
            f"The agent's provider key had no room for a call within {spec.timeout_s:g} s; GET /v1/limits tells why."
        ) from error


def _messages(spec: AgentSpec, question: str) -> tuple[Message, ...]:
    user = Message(role="user", content=question)
    if spec.prompt is None or spec.prompt.system is None:
        return (user,)
    return Message(role="system", content=spec.prompt.system), user
