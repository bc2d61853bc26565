"""Of a file about one agent: which agent it is, by which names others know it."""

from core.benchmarks import AgentSpec
from core.errors import Conflict
from core.metrics import AgentMetrics
from core.runs import Run, RunAgent


def agent_of(run: Run) -> RunAgent:
    """The run's only agent."""
    return run.agents[0]


def spec_of(run: Run) -> AgentSpec:
    name = agent_of(run).agent_id
    return next(spec for spec in run.config.agents if spec.name == name)


def question_template(run: Run) -> str:
    """What its agent is asked by, before a case's values are in it: the template, or a conversation as `role: text`."""
    prompt = spec_of(run).prompt or run.config.prompt
    return "\n\n".join(f"{role}: {said}" for role, said in prompt.parts) if prompt.messages else prompt.template


def agent_model(run: Run) -> str:
    """Provider and model, as most programs write it; the agent's name where it is no model."""
    spec = spec_of(run)
    return f"{spec.agent.kind}/{spec.agent.settings.get('model') or spec.name}"


def metrics_of(run: Run) -> AgentMetrics:
    """Raises Conflict where there are none."""
    agent = agent_of(run)
    if agent.metrics is None:
        raise Conflict(
            f"The agent {agent.agent_id!r} has no figures, so there are none to export: its part of the run is "
            f"{agent.status}. The formats csv, jsonl and parquet have its questions."
        )
    return agent.metrics
