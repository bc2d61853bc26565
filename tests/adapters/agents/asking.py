"""Words the tests of agents share: a question, a key, stored credentials."""

from collections.abc import Callable, Mapping
from typing import Any

from core.cases import Message, Question
from core.errors import AgentUnusable
from core.ports import AgentContext

CANARY = "sk-canary-0123456789abcdef"
"""A key that must turn up in the Authorization header and nowhere else."""


class StoredSecrets:
    """Credentials in memory: each belongs to one origin, like the real ones."""

    def __init__(self, stored: Mapping[tuple[str, str], str]) -> None:
        self._stored = stored

    async def reveal(self, name: str, *, origin: str) -> str:
        if (name, origin) not in self._stored:
            raise AgentUnusable(f"There is no credential {name!r} for {origin}.")
        return self._stored[name, origin]


ContextMaker = Callable[..., AgentContext]


def question(text: str = "What is six times seven?", *, system: str | None = None, **fields: Any) -> Question:
    turns = [Message(role="system", content=system)] if system else []
    return Question(case_id="c1", messages=(*turns, Message(role="user", content=text)), **fields)
