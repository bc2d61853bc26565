"""Adoption: which answers of another run a fork may take over, because the same agent was asked the same question."""

from core.benchmarks import BenchmarkDefinition
from core.cases import Case
from core.datasets import CaseSet
from core.ports import Adoptions, CaseSets, RunRecords
from core.runs import Run

READ = 2000
"""Cases read at once."""


class Adopter:
    def __init__(self, *, runs: RunRecords, cases: CaseSets, adoptions: Adoptions) -> None:
        self._runs = runs
        self._cases = cases
        self._adoptions = adoptions

    async def adopt(self, run: Run, case_set: CaseSet) -> None:
        """Does nothing for a run that is no fork, or whose origin never had cases."""
        origin = None if run.forked_from is None else await self._runs.get(run.forked_from)
        if origin is None or origin.case_set is None:
            return
        former = await self._cases.open(origin.case_set)
        agents = same_agents(run.config, origin.config, same_examples=case_set.examples == former.examples)
        cases = await self._same_cases(case_set, former)
        if agents and cases:
            await self._adoptions.adopt(
                await self._runs.number(run.run_id),
                await self._runs.number(origin.run_id),
                agents=agents,
                cases=cases,
                trials=run.config.trials,
            )

    async def _same_cases(self, case_set: CaseSet, former: CaseSet) -> dict[int, int]:
        """The former place of each case that is the same in all, and its place now."""
        if former.digest == case_set.digest:
            return {index: index for index in range(case_set.case_count)}
        there: dict[str, tuple[int, int]] = {}
        for start in range(0, former.case_count, READ):
            for offset, case in enumerate(await self._cases.read(former, start, start + READ)):
                there[case.id] = (start + offset, hash(_content(case)))
        same: dict[int, int] = {}
        for start in range(0, case_set.case_count, READ):
            for offset, case in enumerate(await self._cases.read(case_set, start, start + READ)):
                index, content = there.get(case.id, (-1, 0))
                if index >= 0 and content == hash(_content(case)):
                    same[index] = start + offset
        return same


def same_agents(now: BenchmarkDefinition, former: BenchmarkDefinition, *, same_examples: bool) -> dict[int, int]:
    """The former number of each agent that is asked in the same words, by its number now."""
    found: dict[int, int] = {}
    for number, agent in enumerate(now.agents):
        prompt = agent.prompt or now.prompt
        if prompt.few_shot.count and not same_examples:
            continue
        alike = [
            former_number
            for former_number, other in enumerate(former.agents)
            if agent.agent == other.agent and prompt == (other.prompt or former.prompt)
        ]
        if alike:
            # Of several equal ones the namesake: what is asked of two is not the same answer twice.
            found[number] = next((each for each in alike if former.agents[each].name == agent.name), alike[0])
    return found


def _content(case: Case) -> str:
    return case.model_dump_json()
