"""Who answers for a model's name: an agent that is stored here, else the model of the OpenAI-compatible endpoint that
the service is set to (`OPENAI_BASE_URL`, `OPENAI_API_KEY`)."""

from collections.abc import Iterable

from pydantic import JsonValue

from api.openai_evals.criteria import as_name
from api.services import Services
from core.benchmarks import AgentSpec
from core.errors import InvalidInput, NotFound, listed
from core.plugins import PluginSpec, find
from core.run_requests import named


class Answering:
    """Of the models of one request: looked up once, then handed out."""

    def __init__(self, stored: dict[str, AgentSpec]) -> None:
        self._stored = stored

    def __call__(self, model: str, sampling: dict[str, JsonValue]) -> AgentSpec:
        """Raises InvalidInput for settings that the stored agent has no place for."""
        spec = self._stored.get(model)
        if spec is None:
            agent = PluginSpec.model_validate({"kind": "openai", "model": model, **sampling})
            return AgentSpec(name=as_name(model, otherwise="model"), agent=agent)
        agent = PluginSpec.model_validate({**spec.agent.model_dump(), **_fitting(model, spec.agent, sampling)})
        return spec.model_copy(update={"agent": agent, "prompt": None})


def _fitting(model: str, agent: PluginSpec, sampling: dict[str, JsonValue]) -> dict[str, JsonValue]:
    """The settings as the stored agent takes them, by whichever API it is asked. Raises InvalidInput."""
    told = {name: value for name, value in sampling.items() if name != "api"}
    fields = find("agents", agent.kind).settings.model_fields
    unknown = [name for name in told if name not in fields]
    if told.get("extra_body") and agent.settings.get("api", "chat") != sampling.get("api", "chat"):
        unknown.append("format of the reply of the other API (`text`, `response_format`)")
    if unknown:
        raise InvalidInput(
            f"{model!r} is an agent of kind {agent.kind!r}, which has no {listed(unknown)}; leave that out of "
            "`sampling_params`.",
            pointer="/data_source/sampling_params",
        )
    own, further = agent.settings.get("extra_body"), told.get("extra_body")
    if isinstance(own, dict) and isinstance(further, dict):
        told["extra_body"] = own | further
    return told


async def answering(services: Services, project_id: str, models: Iterable[str]) -> Answering:
    stored: dict[str, AgentSpec] = {}
    for model in {*models}:
        try:
            stored[model] = (await services.agents.get(project_id, *named(model))).spec
        except NotFound:
            continue
    return Answering(stored)
