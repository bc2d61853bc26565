"""What a run shows of itself in the Temporal UI: search attributes, and current details in Markdown."""

from collections.abc import Mapping
from typing import Any

from temporalio import workflow
from temporalio.common import SearchAttributeKey, SearchAttributeUpdate

with workflow.unsafe.imports_passed_through():
    from activities.preparation import Plan
    from core.runs import RunStatus
    from workflows.agent_messages import AgentOutcome
    from workflows.children import agent_workflow_id

BENCHMARK_NAME = SearchAttributeKey.for_keyword("BenchmarkName")
BENCHMARK_AGENTS = SearchAttributeKey.for_keyword_list("BenchmarkAgents")
BENCHMARK_STATUS = SearchAttributeKey.for_keyword("BenchmarkRunStatus")
BENCHMARK_SCHEDULE = SearchAttributeKey.for_keyword("BenchmarkSchedule")
SEARCH_ATTRIBUTES = (BENCHMARK_NAME, BENCHMARK_AGENTS, BENCHMARK_STATUS, BENCHMARK_SCHEDULE)


def index_run(plan: Plan, status: RunStatus) -> None:
    """Makes the run findable by its benchmark, its agents and its state."""
    _index(
        BENCHMARK_NAME.value_set(plan.name),
        BENCHMARK_AGENTS.value_set([agent.name for agent in plan.agents]),
        BENCHMARK_STATUS.value_set(status),
    )


def index_status(status: RunStatus) -> None:
    _index(BENCHMARK_STATUS.value_set(status))


def _index(*attributes: SearchAttributeUpdate[Any]) -> None:
    workflow.upsert_search_attributes(attributes)  # pyright: ignore[reportUnknownMemberType]


def run_details(run_id: str, plan: Plan, outcomes: Mapping[int, AgentOutcome], state: str) -> str:
    """The run and its agents, by agent number, as Markdown."""
    lines = [f"**{plan.name}**: {state}", "", "| agent | state |", "|---|---|"]
    for agent in plan.agents:
        outcome = outcomes.get(agent.agent_no)
        doing = (
            f"{'asking' if plan.asks else 'judging again'}, see workflow `{agent_workflow_id(run_id, agent.agent_no)}`"
            if outcome is None
            else f"{outcome.status}: {outcome.answered} answered, {outcome.failed} failed"
        )
        lines.append(f"| {agent.name} | {doing} |")
    return "\n".join(lines)
