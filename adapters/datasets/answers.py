"""The source `answers`: cases that several agents were asked in earlier runs, with what each of them answered.

A case's metadata has `answers`: by the name of each contestant a list with its answer in every trial, null where there
is none. What is recorded when the run is prepared is what counts: a run that goes on later changes nothing here.
"""

import tempfile
from collections.abc import AsyncGenerator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from itertools import combinations
from typing import IO, Any, NamedTuple

import orjson
from pydantic import Field, field_validator

from adapters.datasets.case_sets import StoredCaseSets
from adapters.datasets.source import AnswersOf, DatasetContext, Row, Table
from core.cases import Case
from core.datasets import CaseSet
from core.errors import InvalidDataset, listed
from core.plugins import Plugin, PluginSettings
from core.preferences import MOST_CONTESTANTS, Contestant

READ = 500
"""Cases read at once, with the answers of all contestants."""
ANSWERS = "answers"
Places = dict[tuple[str, int], int]
"""A case's place in a case set by its id and the hash of what it asks."""


class AnswersSettings(PluginSettings):
    contestants: tuple[Contestant, ...] = Field(min_length=2, max_length=MOST_CONTESTANTS)
    """Whose answers: `{name, run_id, agent_id}` each. Cases that no two of them answered in one trial are left out."""
    trials: int = Field(default=1, ge=1, le=1000)
    """How many of each agent's trials."""

    @field_validator("contestants")
    @classmethod
    def _distinct(cls, contestants: tuple[Contestant, ...]) -> tuple[Contestant, ...]:
        names = [each.name for each in contestants]
        if twice := {name for name in names if names.count(name) > 1}:
            raise ValueError(f"two contestants are named {min(twice)!r}; give each its own `name`")
        return contestants


class _Side(NamedTuple):
    name: str
    of: AnswersOf
    places: Places


class AnswersSource:
    keeps: tuple[str, ...] = (ANSWERS,)

    def __init__(self, settings: AnswersSettings, context: DatasetContext) -> None:
        self._settings = settings
        self._answers = context.answers
        self._project_id = context.project_id
        self._case_sets = StoredCaseSets(context)

    @asynccontextmanager
    async def open(self) -> AsyncGenerator[Sequence[Table]]:
        """Raises NotFound for a run or an agent that does not exist, InvalidDataset where nobody can be paired."""
        sets: dict[str, tuple[CaseSet, Places]] = {}
        sides = [await self._side(each, sets) for each in self._settings.contestants]
        with tempfile.TemporaryFile() as file:
            rows = await self._spool(file, sides, [case_set for case_set, _ in sets.values()])
            if not rows:
                names = listed([side.name for side in sides])
                raise InvalidDataset(
                    f"No case has answers of two of {names}: they were asked different questions, or gave no answers.",
                    pointer="/dataset/source",
                )
            file.seek(0)
            yield [Table(ANSWERS, _rows(file), "item")]

    async def _side(self, contestant: Contestant, sets: dict[str, tuple[CaseSet, Places]]) -> _Side:
        of = await self._answers.given_by(self._project_id, contestant.run_id, contestant.agent_id)
        if of.case_set not in sets:
            case_set = await self._case_sets.open(of.case_set)
            sets[of.case_set] = (case_set, await self._places(case_set))
        return _Side(contestant.name, of, sets[of.case_set][1])

    async def _places(self, case_set: CaseSet) -> Places:
        places: Places = {}
        async for start, cases in self._blocks(case_set):
            places |= {_key(case): start + offset for offset, case in enumerate(cases)}
        return places

    async def _blocks(self, case_set: CaseSet) -> AsyncGenerator[tuple[int, Sequence[Case]]]:
        for start in range(0, case_set.case_count, READ):
            yield start, await self._case_sets.read(case_set, start, start + READ)

    async def _spool(self, file: IO[bytes], sides: Sequence[_Side], case_sets: Sequence[CaseSet]) -> int:
        """Writes a line for each case that is kept, in the order of the case sets; returns how many."""
        seen: set[str] = set()
        for case_set in case_sets:
            async for _, block in self._blocks(case_set):
                cases = [case for case in block if case.id not in seen]
                by_case = await self._answers_to(cases, sides)
                kept = [case for case in cases if self._can_be_paired(by_case[case.id])]
                file.writelines(orjson.dumps(_columns(case, by_case[case.id])) + b"\n" for case in kept)
                seen.update(case.id for case in kept)
        return len(seen)

    async def _answers_to(
        self, cases: Sequence[Case], sides: Sequence[_Side]
    ) -> Mapping[str, dict[str, list[str | None]]]:
        """By case and contestant the answer in each trial; a contestant who was not asked has an empty list."""
        found: dict[str, dict[str, list[str | None]]] = {case.id: {} for case in cases}
        trials = range(self._settings.trials)
        for side in sides:
            places = {case.id: side.places.get(_key(case), -1) for case in cases}
            asked = [place for place in places.values() if place >= 0]
            texts = await self._answers.texts(side.of, asked, trials=len(trials))
            for case_id, place in places.items():
                found[case_id][side.name] = [texts.get((trial, place)) for trial in trials] if place >= 0 else []
        return found

    def _can_be_paired(self, answers: Mapping[str, Sequence[str | None]]) -> bool:
        given = [{trial for trial, text in enumerate(texts) if text is not None} for texts in answers.values()]
        return any(one & other for one, other in combinations(given, 2))


def _key(case: Case) -> tuple[str, int]:
    return case.id, hash(case.input)


def _columns(case: Case, answers: Mapping[str, Sequence[str | None]]) -> dict[str, Any]:
    told = {"id", "input", "expected", "category", "cluster"}
    return {**case.metadata, **case.model_dump(mode="json", include=told), ANSWERS: answers}


def _rows(file: IO[bytes]) -> Iterator[Row]:
    for number, line in enumerate(file, 1):
        yield Row(number, orjson.loads(line))


plugin = Plugin(AnswersSettings, AnswersSource, summary="What agents answered in earlier runs, side by side.")
