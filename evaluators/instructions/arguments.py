"""What an instruction was given besides the answer: how many words, which keyword, which language."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from pydantic import JsonValue

from core.errors import CannotJudge


@dataclass(frozen=True)
class Arguments:
    """The arguments of one instruction, as the dataset names them. Every method raises CannotJudge for one that is
    missing (null counts as missing) or of another type."""

    instruction: str
    given: Mapping[str, JsonValue]

    def number(self, name: str) -> int:
        value = self.given.get(name)
        if isinstance(value, bool) or not isinstance(value, int | float) or value != int(value):
            raise self._wrong(name, "a whole number")
        return int(value)

    def text(self, name: str) -> str:
        value = self.given.get(name)
        if not isinstance(value, str) or not value.strip():
            raise self._wrong(name, "a text")
        return value

    def texts(self, name: str) -> list[str]:
        value = self.given.get(name)
        if not isinstance(value, list) or not value or not all(isinstance(each, str) for each in value):
            raise self._wrong(name, "a list of texts")
        return [str(each) for each in value]

    def allows(self, count: int, *, limit: str, relation: str = "relation") -> bool:
        """Whether the count is less than, or at least, the argument that `limit` names; `relation` names which."""
        said = self.given.get(relation)
        if said == "less than":
            return count < self.number(limit)
        if said == "at least":
            return count >= self.number(limit)
        raise self._wrong(relation, '"less than" or "at least"')

    def _wrong(self, name: str, wanted: str) -> CannotJudge:
        return CannotJudge(
            f"The instruction {self.instruction!r} needs {wanted} as `{name}`, but has {self.given.get(name)!r}."
        )


Rule = Callable[[str, Arguments], bool]
"""Whether an answer that is not empty follows one instruction."""
