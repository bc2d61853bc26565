"""Agents head to head: judges compare the answers of ended runs, in a run like any other, and the figures follow."""

from collections.abc import Iterator, Sequence
from itertools import combinations
from typing import NamedTuple

from pydantic import JsonValue

from adapters.submission.resolution import build
from api.services import Services
from core.benchmarks import AgentSpec, BenchmarkDefinition, Evaluation
from core.errors import Conflict, InvalidInput, listed
from core.model import Name
from core.plugins import PluginSpec
from core.preferences import (
    BENCHMARK_TYPE,
    MOST_CONTESTANTS,
    OPPONENT,
    Contestant,
    Entry,
    PreferenceRequest,
)
from core.runs import ENDED, Run
from evaluators.judge.identity import judge_settings

CONCURRENCY = 64
"""Recorded answers given at once: the judges' own concurrency is what counts."""
LONGEST_NAME = 100


class Field(NamedTuple):
    """Everybody who takes part, and how many of their trials can be paired."""

    contestants: tuple[Contestant, ...]
    trials: int


async def field_of(services: Services, request: PreferenceRequest, project_id: str) -> Field:
    """Raises NotFound, Conflict for a run that goes on, InvalidInput for agents that are not there or too few."""
    runs = [await services.runs.get(entry.run_id, project_id=project_id) for entry in request.contestants]
    for run in runs:
        if run.status not in ENDED or run.case_set is None:
            raise Conflict(f"The run {run.run_id} has no answers that stay: it is {run.status}.")
    chosen = [
        (entry, run, agent_id)
        for number, (entry, run) in enumerate(zip(request.contestants, runs, strict=True))
        for agent_id in _agents(entry, run, f"/contestants/{number}")
    ]
    if not 2 <= len(chosen) <= MOST_CONTESTANTS:
        raise InvalidInput(
            f"{len(chosen)} agents take part; there must be 2 to {MOST_CONTESTANTS}.", pointer="/contestants"
        )
    names = _names(chosen)
    contestants = tuple(
        Contestant(name=name, run_id=run.run_id, agent_id=agent_id)
        for name, (_, run, agent_id) in zip(names, chosen, strict=True)
    )
    return Field(contestants, min(run.config.trials for run in runs))


def preference_run(request: PreferenceRequest, field: Field) -> BenchmarkDefinition:
    """The run in which judges judge: one agent for each match. Raises InvalidPlugin, InvalidInput, and InvalidRequest
    with places in the run."""
    judge = _of_pairs(request.judge)
    reference = judge_settings(judge, pointer="/judge").reference
    source: dict[str, JsonValue] = {
        "kind": "answers",
        "contestants": [each.model_dump(mode="json") for each in field.contestants],
        "trials": field.trials,
    }
    fields = {"cluster": "cluster", "metadata": () if reference in (None, "expected") else (str(reference),)}
    return build(
        {
            "name": request.name,
            "benchmark_type": BENCHMARK_TYPE,
            "dataset": {"source": source, "fields": fields, "limit": request.limit, "seed": request.seed},
            "prompt": {"template": "{{ metadata.answers | tojson }}"},
            "agents": tuple(_matches(request, field)),
            "evaluators": (judge,),
            "trials": field.trials,
        }
    )


def _agents(entry: Entry, run: Run, pointer: str) -> Sequence[str]:
    names = [agent.agent_id for agent in run.agents]
    if entry.agent_id is not None and entry.agent_id not in names:
        raise InvalidInput(
            f"There is no agent {entry.agent_id!r} in the run; its agents are {listed(names)}.",
            pointer=f"{pointer}/agent_id",
        )
    if entry.agent_id is None and entry.name is not None and len(names) > 1:
        raise InvalidInput(
            f"The run has {len(names)} agents, which cannot all be called {entry.name!r}; say which in `agent_id`.",
            pointer=f"{pointer}/name",
        )
    return names if entry.agent_id is None else [entry.agent_id]


def _names(chosen: Sequence[tuple[Entry, Run, str]]) -> list[Name]:
    """As they were named; else the agent's name, with the run's or its id where that is not enough."""
    plain = [entry.name or agent_id for entry, _, agent_id in chosen]
    by_run = [entry.name or f"{agent_id} of {run.name}" for entry, run, agent_id in chosen]
    longest = LONGEST_NAME // 2
    found: list[str] = []
    for (entry, run, agent_id), name, longer in zip(chosen, plain, by_run, strict=True):
        if plain.count(name) > 1 and entry.name is None:
            name = longer if by_run.count(longer) == 1 else f"{agent_id[:longest]} of {run.run_id}"
        found.append(name[:LONGEST_NAME])
    if twice := sorted({name for name in found if found.count(name) > 1}):
        raise InvalidInput(f"Two contestants are {twice[0]!r}; give each its own `name`.", pointer="/contestants")
    return found


def _matches(request: PreferenceRequest, field: Field) -> Iterator[AgentSpec]:
    names = [each.name for each in field.contestants]
    if request.baseline is None:
        sides = list(combinations(names, 2))
    elif request.baseline in names:
        sides = [(name, request.baseline) for name in names if name != request.baseline]
    else:
        raise InvalidInput(
            f"The baseline {request.baseline!r} takes no part; those who do are {listed(names)}.", pointer="/baseline"
        )
    for number, (first, second) in enumerate(sides, 1):
        name = f"{first} vs {second}"
        if len(name) > LONGEST_NAME:
            half = LONGEST_NAME // 2 - 6
            name = f"{number} {first[:half]} vs {second[:half]}"
        agent = PluginSpec.model_validate({"kind": "match", "first": first, "second": second})
        yield AgentSpec(name=name, agent=agent, concurrency=CONCURRENCY)


def _of_pairs(judge: Evaluation) -> Evaluation:
    """The judge as one of pairs, without the rule that is heard first. Raises InvalidInput for one that cannot be."""
    if judge.settings.get("mode", "pairwise") != "pairwise":
        raise InvalidInput("Head to head, a judge judges pairs; leave `mode` out.", pointer="/judge/mode")
    told = {name: value for name, value in judge.model_dump().items() if name not in ("after", "when")}
    return Evaluation.model_validate({**told, "mode": "pairwise", "against": OPPONENT})
