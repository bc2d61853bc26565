"""Judges of the tests: the real evaluator, opened through the registry, over agents that say what a script says."""

import json
import re
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from typing import Any

from pydantic import TypeAdapter

from core.benchmarks import AgentSpec, Evaluation
from core.cases import Case, Question, Reply, Usage
from core.ports import Agent, EvaluatorContext, NamedEvaluator
from core.verdicts import Scored, Unscored
from evaluators.judge.ballots import Ballot
from evaluators.registry import InstalledEvaluators

Script = Callable[[Question], str | BaseException]
CASE = Case(id="case-1", input="What is the capital of France?", expected="Paris", metadata={"rival": "Lyon"})
MARK = re.compile(r'"mark": "([0-9a-f]{16})"')


def verdict(word: object, question: Question | None = None, rationale: str = "Because.") -> str:
    """A reply in the form that is asked for, with the mark of the question if one is given."""
    said: dict[str, Any] = {"rationale": rationale, "verdict": word}
    if question is not None and (mark := MARK.search(question.text)):
        said = {"mark": mark[1]} | said
    return json.dumps(said)


def says(word: object) -> Script:
    """Always this verdict."""
    return lambda question: verdict(word, question)


def prefers(winner: str) -> Script:
    """Judges a pair by its texts: the better one is where these words stand."""

    def script(question: Question) -> str:
        first, second = question.text.index("[[BEGIN FIRST"), question.text.index("[[BEGIN SECOND")
        return verdict("first" if question.text.index(winner, first) < second else "second", question)

    return script


def ballots_of(found: Scored | Unscored) -> list[Ballot]:
    return TypeAdapter(list[Ballot]).validate_python(found.details["ballots"])


class ScriptedAgents:
    """`core.ports.Agents`: every agent says what the script of its name says, for 10 tokens in, 5 out and a cent."""

    def __init__(self, **scripts: Script) -> None:
        self._scripts = scripts
        self.asked: list[tuple[str, Question]] = []

    @asynccontextmanager
    async def lease(self, spec: AgentSpec) -> AsyncGenerator[Agent]:
        yield _Scripted(spec.name, self._scripts[spec.name], self.asked)

    def simulated(self, spec: AgentSpec) -> bool:
        return False


class _Scripted:
    def __init__(self, name: str, script: Script, asked: list[tuple[str, Question]]) -> None:
        self._name, self._script, self._asked = name, script, asked

    async def ask(self, question: Question) -> Reply:
        self._asked.append((self._name, question))
        said = self._script(question)
        if isinstance(said, BaseException):
            raise said
        return Reply(text=said, usage=Usage(input_tokens=10, output_tokens=5), cost_usd=0.01, model="scripted-1")


def spec(name: str = "judge", **fields: Any) -> dict[str, Any]:
    return {"name": name, "agent": {"kind": "simulated"}, "max_attempts": 1, **fields}


def panel(agents: ScriptedAgents, **settings: Any) -> NamedEvaluator:
    """The evaluator over these agents; one judge named `judge` unless the settings say otherwise."""
    given = {"kind": "judge", "judges": [spec()], **settings}
    return InstalledEvaluators(EvaluatorContext(agents=agents)).open_one(Evaluation.model_validate(given))


async def judged(script: Script, answer: str = "Paris", case: Case = CASE, **settings: Any) -> Scored | Unscored:
    """What one judge that speaks by the script makes of the answer."""
    return await panel(ScriptedAgents(judge=script), **settings).evaluate(case, Reply(text=answer))
